import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type BatchVerdict,
  type BreakerState,
  BreakerWindows,
  NodeBreaker,
} from '../../../src/node/breaker.js';
import vectors from './sequences.json' with { type: 'json' };

/** How often the windows are turned, as a client does it while there is traffic. */
const TURN_EVERY_MS = 10;

describe('a breaker', () => {
  // opossum measures its rest with the runtime's own timer.
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it.each(vectors.sequences)('$title', async ({ steps, states, state }) => {
    const { restMs, ...settings } = vectors.settings;
    const told: BreakerState[] = [];
    const underWay: BatchVerdict[] = [];
    const windows = new BreakerWindows(settings.rollingMs, 0);
    let nowMs = 0;
    const breaker = new NodeBreaker({
      ...settings,
      address: 'a:1',
      windows,
      restMs: () => restMs,
      onChange: (next) => told.push(next),
    });
    const act: Readonly<Record<string, (count: number) => void | Promise<unknown>>> = {
      fire: (count) => void underWay.push(...Array.from({ length: count }, () => breaker.fire())),
      answer: (count) => underWay.splice(0, count).forEach((batch) => batch.answered()),
      lose: (count) => underWay.splice(0, count).forEach((batch) => batch.lost(new Error('lost'))),
      trip: () => breaker.trip(),
      link: () => breaker.nextGeneration(),
      pass: async (ms) => {
        for (const endMs = nowMs + ms; nowMs < endMs;) {
          const passedMs = Math.min(TURN_EVERY_MS, endMs - nowMs);
          nowMs += passedMs;
          windows.turn(nowMs);
          await vi.advanceTimersByTimeAsync(passedMs);
        }
      },
    };
    for (const step of steps) {
      const [verb, count] = step.split(' ');
      await act[verb!]!(Number(count));
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(told).toEqual(states);
    expect(breaker.state).toBe(state);
    breaker.close();
  });
});
