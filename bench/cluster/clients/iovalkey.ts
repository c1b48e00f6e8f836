import { once } from 'node:events';
import { Cluster } from 'iovalkey';
import type { BenchClient, ConnectTarget } from './bench-client.js';
import { getEach, setEach } from './one-by-one.js';

export async function connect(target: ConnectTarget): Promise<BenchClient> {
  const cluster = new Cluster([...target.seeds], { enableAutoPipelining: true });
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
