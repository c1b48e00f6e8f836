/** What tells the time and waits. Everything that needs either receives one, so tests can hold it still. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start. */
  nowMs(): number;
  /**
   * Runs `task` once, `delayMs` from now.
   * @param keepsAlive - whether the process must not end before: when somebody waits for what the task does
   * @defaultValue `false`
   */
  schedule(delayMs: number, task: () => void, keepsAlive?: boolean): Timer;
}

/** A task that waits for its time. */
export interface Timer {
  cancel(): void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  schedule(delayMs, task, keepsAlive = false) {
    const handle = setTimeout(task, delayMs);
    if (!keepsAlive) handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};
