/** What tells the time and waits. Everything that needs either receives one, so tests can hold it still. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start. */
  nowMs(): number;
  /** Runs `task` once, `delayMs` from now. The timer does not keep the process alive. */
  schedule(delayMs: number, task: () => void): Timer;
}

/** A task that waits for its time. */
export interface Timer {
  cancel(): void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  schedule(delayMs, task) {
    const handle = setTimeout(task, delayMs);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};
