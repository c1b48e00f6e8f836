import type { BenchClient } from './bench-client.js';

/** MGET for clients that have none across slots: what their documentation says to do, all GETs at once. */
export function getEach(
  client: Pick<BenchClient, 'get'>,
  keys: readonly string[],
): Promise<(string | null)[]> {
  return Promise.all(keys.map((key) => client.get(key)));
}

/** MSET for clients that have none across slots: all SETs at once. */
export function setEach(
  client: Pick<BenchClient, 'set'>,
  keys: readonly string[],
  values: readonly string[],
): Promise<unknown> {
  return Promise.all(keys.map((key, index) => client.set(key, values[index]!)));
}
