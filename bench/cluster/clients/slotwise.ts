import { createClient } from 'slotwise';
import type { BenchClient, ConnectTarget } from './bench-client.js';

export async function connect(target: ConnectTarget): Promise<BenchClient> {
  const client = await createClient({ seeds: [...target.seeds] });
  return {
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    mget: (keys) => client.mget([...keys]),
    mset: (keys, values) => client.mset(keys.flatMap((key, index) => [key, values[index]!])),
    close: () => client.close(),
  };
}
