import { once } from 'node:events';
import { Cluster } from 'ioredis';
import type { BenchClient, ConnectTarget } from './bench-client.js';
import { getEach, setEach } from './one-by-one.js';

export function connect(target: ConnectTarget): Promise<BenchClient> {
  return connectCluster(target, { enableAutoPipelining: false });
}

export async function connectCluster(
  target: ConnectTarget,
  options: { readonly enableAutoPipelining: boolean },
): Promise<BenchClient> {
  const cluster = new Cluster([...target.seeds], options);
  await once(cluster, 'ready');
  const client: BenchClient = {
    get: (key) => cluster.get(key),
    set: (key, value) => cluster.set(key, value),
    mget: (keys) => getEach(client, keys),
    mset: (keys, values) => setEach(client, keys, values),
    async close() {
      await cluster.quit();
    },
  };
  return client;
}
