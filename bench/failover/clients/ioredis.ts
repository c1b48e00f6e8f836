import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import type { LookupFunction } from 'node:net';
import { Cluster } from 'ioredis';
import type { DNSLookupFunction } from 'ioredis';
import type { Entrance, FaultedClient } from './faulted-client.js';

export function connect({ seeds, lookup }: Entrance): Promise<FaultedClient> {
  return connected(
    new Cluster([...seeds], { scaleReads: 'slave', ...(lookup && { dnsLookup: dnsLookupOf(lookup) }) }),
  );
}

/** ioredis dials one of the addresses of a name. It is told another one each time, as by a resolver that takes turns. */
export function dnsLookupOf(lookup: LookupFunction): DNSLookupFunction {
  let turn = 0;
  return (hostname, callback) =>
    lookup(hostname, { all: true }, (error, found) => {
      if (error !== null) return callback(error, '');
      const addresses = found as LookupAddress[];
      const { address, family } = addresses[turn++ % addresses.length]!;
      callback(null, address, family);
    });
}

/** @param cluster - just made */
export async function connected(cluster: Cluster): Promise<FaultedClient> {
  // Without a listener it prints every error; those that matter reject a call.
  cluster.on('error', () => undefined);
  await once(cluster, 'ready');
  return {
    read: (key) => cluster.get(key),
    write: (key, value) => cluster.set(key, value),
    increment: (key) => cluster.incr(key),
    async close() {
      cluster.disconnect();
    },
  };
}
