import type { Random } from '../support/index.js';

/** Bounds of a growing delay, in milliseconds. */
export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait before the `failures`-th repetition: anywhere between nothing and the doubled bound, so that many
 * clients that failed together do not come back together.
 *
 * @see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/ (full jitter)
 */
export function fullJitterMs(failures: number, backoff: Backoff, random: Random): number {
  const ceilingMs = Math.min(backoff.maxMs, backoff.baseMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return random() * ceilingMs;
}
