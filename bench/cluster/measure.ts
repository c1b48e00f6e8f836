import { randomIndexes } from './operations.js';
import type { Operation } from './operations.js';

/** What one client did in one measurement. Latency is that of an operation, from issue to checked reply. */
export interface Sample {
  readonly operationsPerSecond: number;
  /** User and system time of the whole client process, native threads included. */
  readonly cpuUsPerOperation: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** Latencies kept of one measurement; when there are more, the latest. */
const MAX_LATENCIES = 1 << 22;

/** Random numbers drawn beforehand, so that drawing is not measured. */
const DRAWN = 1 << 16;

const latencies = new Float32Array(MAX_LATENCIES);

/** Keeps `inFlight` operations going for `seconds`. @throws what the client or a check throws. */
export async function measure(operation: Operation, inFlight: number, seconds: number): Promise<Sample> {
  const draw = randomIndexes(operation.count);
  const drawn = Uint32Array.from({ length: DRAWN }, draw);
  let issued = 0;
  let done = 0;
  let last = 0;
  globalThis.gc?.();

  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  const lane = async (): Promise<void> => {
    for (let beganMs = performance.now(); beganMs < endMs;) {
      const index = drawn[issued++ % DRAWN]!;
      operation.check(await operation.issue(index), index);
      const nowMs = performance.now();
      latencies[done++ % MAX_LATENCIES] = nowMs - beganMs;
      beganMs = nowMs;
      last = index;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const elapsedMs = performance.now() - startedMs;
  const cpu = process.cpuUsage(cpuBefore);

  await operation.confirm(last);
  const sorted = latencies.subarray(0, Math.min(done, MAX_LATENCIES)).toSorted();
  return {
    operationsPerSecond: (done * 1000) / elapsedMs,
    cpuUsPerOperation: (cpu.user + cpu.system) / done,
    p50Us: quantile(sorted, 0.5) * 1000,
    p99Us: quantile(sorted, 0.99) * 1000,
  };
}

function quantile(sorted: Float32Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
