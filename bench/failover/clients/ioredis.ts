import { once } from 'node:events';
import { Cluster } from 'ioredis';
import type { Seed } from '../protocol.js';
import type { FaultedClient } from './faulted-client.js';

export function connect(seeds: readonly Seed[]): Promise<FaultedClient> {
  return connected(new Cluster([...seeds], { scaleReads: 'slave' }));
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
