import { GlideClusterClient, Logger } from '@valkey/valkey-glide';
import type { BenchClient, ConnectTarget } from './bench-client.js';

/** The default of 1,000 rejects what the largest workloads have in flight. */
const IN_FLIGHT_LIMIT = 100_000;

/** The default of 250 ms is shorter than 64 values of 1 MB take. */
const REQUEST_TIMEOUT_MS = 30_000;

export async function connect(target: ConnectTarget): Promise<BenchClient> {
  Logger.setLoggerConfig('error');
  const cluster = await GlideClusterClient.createClient({
    addresses: [...target.seeds],
    inflightRequestsLimit: IN_FLIGHT_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  return {
    get: (key) => cluster.get(key) as Promise<string | null>,
    set: (key, value) => cluster.set(key, value) as Promise<string | null>,
    mget: (keys) => cluster.mget([...keys]) as Promise<(string | null)[]>,
    mset: (keys, values) => cluster.mset(keys.map((key, index) => ({ key, value: values[index]! }))),
    async close() {
      cluster.close();
    },
  };
}
