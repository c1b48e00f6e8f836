import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type BreakerState, BreakerWindows, NodeBreaker } from '../../../src/node/breaker.js';

const SETTINGS = { errorThresholdPercentage: 50, volumeThreshold: 4, rollingMs: 1_000 };

interface Subject {
  readonly breaker: NodeBreaker;
  readonly windows: BreakerWindows;
  readonly told: BreakerState[];
  readonly restsMs: number[];
}

/** A breaker whose `i`-th rest, by the time it was drawn, takes `i` times 100 ms. */
function subject(settings: Partial<typeof SETTINGS> = {}): Subject {
  const told: BreakerState[] = [];
  const restsMs: number[] = [];
  const windows = new BreakerWindows(SETTINGS.rollingMs, 0);
  const breaker = new NodeBreaker({
    ...SETTINGS,
    ...settings,
    address: 'a:1',
    windows,
    restMs: () => {
      restsMs.push(100 * (restsMs.length + 1));
      return restsMs.at(-1)!;
    },
    onChange: (state) => told.push(state),
  });
  return { breaker, windows, told, restsMs };
}

// What sequences of events lead to is in test/spec/breaker.
describe('the breaker of a node', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('draws its rest anew each time it is tripped', async () => {
    const { breaker, told, restsMs } = subject();
    for (let i = 0; i < 3; i++) {
      breaker.trip();
      const restMs = restsMs.at(-1)!;
      await vi.advanceTimersByTimeAsync(restMs - 1);
      expect(told.at(-1)).toBe('open');
      await vi.advanceTimersByTimeAsync(1);
      expect(told.at(-1)).toBe('halfOpen');
    }
    expect(new Set(restsMs).size).toBe(restsMs.length);
    breaker.close();
  });

  it('leaves no timer and no listener behind, and says nothing any more once it is closed', async () => {
    const { breaker, windows, told } = subject();
    expect(windows.controller.listenerCount('rotate')).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
    breaker.trip();
    expect(vi.getTimerCount()).toBe(1);
    breaker.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(windows.controller.listenerCount('rotate')).toBe(0);
    breaker.fire().lost(new Error('too late'));
    breaker.trip();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual(['open']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('costs no timer while it is closed', async () => {
    const { breaker } = subject();
    const batches = Array.from({ length: 10 }, () => breaker.fire());
    expect(vi.getTimerCount()).toBe(0);
    for (const batch of batches) batch.answered();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
    breaker.close();
  });

  it('listens to the first verdict on a batch only', async () => {
    const { breaker, told } = subject();
    for (const batch of Array.from({ length: 8 }, () => breaker.fire())) {
      batch.answered();
      batch.lost(new Error('after all'));
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([]);
    breaker.close();
  });
});

describe('a batch that nobody looks at', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  // An unhandled rejection ends the process of a user.
  it.each(['open', 'halfOpen'] as const)('can be lost while the breaker is %s', async (state) => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listener);
    const { breaker, told } = subject();
    breaker.trip();
    if (state === 'halfOpen') {
      await vi.advanceTimersByTimeAsync(60_000);
      breaker.fire();
    }
    expect(told.at(-1)).toBe(state);
    breaker.fire().lost(new Error('lost'));
    vi.useRealTimers();
    // Node tells of unhandled rejections once the microtasks of a turn have run.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
    breaker.close();
  });
});

describe('the windows of all breakers', () => {
  it('turn by whole buckets, catch up after a pause, and never turn more than once around', () => {
    const windows = new BreakerWindows(1_000, 0);
    let turns = 0;
    windows.controller.on('rotate', () => turns++);
    const turnsAt = (nowMs: number): number => {
      turns = 0;
      windows.turn(nowMs);
      return turns;
    };
    expect([50, 99, 100, 150, 199, 200, 450, 451].map(turnsAt)).toEqual([0, 0, 1, 0, 0, 1, 2, 0]);
    expect(turnsAt(1_000_000)).toBe(10);
    expect(turnsAt(1_000_050)).toBe(0);
    expect(turnsAt(1_000_100)).toBe(1);
  });

  it('take as many breakers as there are nodes without a warning', () => {
    const windows = new BreakerWindows(1_000, 0);
    for (let i = 0; i < 100; i++) windows.controller.on('rotate', () => {});
    expect(windows.controller.getMaxListeners()).toBe(0);
  });
});
