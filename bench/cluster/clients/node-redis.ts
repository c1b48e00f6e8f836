import { createCluster } from 'redis';
import type { BenchClient, ConnectTarget } from './bench-client.js';
import { getEach, setEach } from './one-by-one.js';

/** No timeout, as with ioredis: the default makes an AbortSignal for every command, which halves its throughput. */
const NO_TIMEOUT = 0;

export async function connect(target: ConnectTarget): Promise<BenchClient> {
  const cluster = createCluster({
    commandOptions: { timeout: NO_TIMEOUT },
    rootNodes: target.seeds.map(({ host, port }) => ({ socket: { host, port } })),
  });
  await cluster.connect();
  const client: BenchClient = {
    get: (key) => cluster.get(key),
    set: (key, value) => cluster.set(key, value),
    mget: (keys) => getEach(client, keys),
    mset: (keys, values) => setEach(client, keys, values),
    close: () => cluster.close(),
  };
  return client;
}
