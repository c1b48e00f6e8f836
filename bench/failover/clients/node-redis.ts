import { createCluster } from 'redis';
import type { RedisClusterOptions } from 'redis';
import type { Entrance, FaultedClient } from './faulted-client.js';

export function connect(entrance: Entrance): Promise<FaultedClient> {
  return connectCluster(entrance, {});
}

export async function connectCluster(
  { seeds, lookup }: Entrance,
  options: Pick<RedisClusterOptions, 'defaults' | 'commandOptions'>,
): Promise<FaultedClient> {
  const cluster = createCluster({
    ...options,
    rootNodes: seeds.map(({ host, port }) => ({ socket: { host, port, ...(lookup && { lookup }) } })),
    useReplicas: true,
  });
  // Without a listener the first lost connection ends the process.
  cluster.on('error', () => undefined);
  await cluster.connect();
  return {
    read: async (key) => (await cluster.get(key)) as string | null,
    write: (key, value) => cluster.set(key, value),
    increment: (key) => cluster.incr(key),
    async close() {
      cluster.destroy();
    },
  };
}
