import { hrtime } from 'node:process';

/**
 * Milliseconds of the machine's monotonic clock: the same in every process, so that what servers show to one process
 * can be compared with what another one's client did.
 */
export function nowMs(): number {
  return Number(hrtime.bigint()) / 1e6;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
