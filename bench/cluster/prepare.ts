import type { Connect } from './clients/bench-client.js';
import { keysOf, PREPARED, valueOf, workloads } from './workloads.js';
import type { Workload } from './workloads.js';

/** Keys written at once. */
const BATCH_KEYS = 100;

/** Writes what the reading workloads read. */
export async function prepare(
  connect: Connect,
  seeds: readonly { host: string; port: number }[],
  chosen: readonly Workload[] = workloads,
): Promise<void> {
  const reading = chosen.filter(({ kind }) => kind === 'get' || kind === 'mget');
  const bySize = new Map(reading.map((workload) => [workload.valueBytes, workload]));
  for (const workload of bySize.values()) {
    const keys = keysOf(workload);
    const client = await connect({ seeds, keys });
    for (let first = 0; first < keys.length; first += BATCH_KEYS) {
      const batch = keys.slice(first, first + BATCH_KEYS);
      await client.mset(
        batch,
        batch.map((key) => valueOf(key, PREPARED, workload.valueBytes)),
      );
    }
    await client.close();
  }
}
