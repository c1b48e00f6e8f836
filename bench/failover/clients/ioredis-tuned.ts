import { Cluster } from 'ioredis';
import type { Entrance, FaultedClient } from './faulted-client.js';
import { connected, dnsLookupOf } from './ioredis.js';

/** Every timeout that ioredis has, and a topology that is renewed without an occasion. */
export function connect({ seeds, lookup }: Entrance): Promise<FaultedClient> {
  return connected(
    new Cluster([...seeds], {
      scaleReads: 'slave',
      ...(lookup && { dnsLookup: dnsLookupOf(lookup) }),
      slotsRefreshInterval: 2_000,
      redisOptions: { commandTimeout: 1_000, socketTimeout: 2_000, connectTimeout: 1_000 },
    }),
  );
}
