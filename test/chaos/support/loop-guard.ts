import { Worker } from 'node:worker_threads';

/** Nothing that is right keeps the event loop busy for so long. */
const PATIENCE_MS = 20_000;
/** So often the other thread looks while it is patient. */
const LOOKS = 20;
const WORKER = new URL('./loop-guard-worker.mjs', import.meta.url);

/**
 * Watches this thread's event loop from another one. A loop that never turns again could tell of nothing, and fail no
 * test: when it has stood still for too long, its stack is printed, and the process ends.
 * @param what - what was going on, with the seed: part of the message
 * @returns ends the watch
 */
export function guardEventLoop(what: string, patienceMs: number = PATIENCE_MS): () => Promise<void> {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(WORKER, {
    workerData: { beats, patienceMs, periodMs: patienceMs / LOOKS, what },
    // The options of this process are meant for TypeScript.
    execArgv: [],
  });
  worker.unref();
  const beat = setInterval(() => Atomics.add(beats, 0, 1), patienceMs / LOOKS / 2);
  beat.unref();
  return async () => {
    clearInterval(beat);
    await worker.terminate();
  };
}
