import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../../../src/support/index.js';
import { type Conditions, plainConditions } from '../../../src/testing/proxy/conditions.js';
import { type Ending, Lane } from '../../../src/testing/proxy/lane.js';

const MEBIBYTE = 1024 * 1024;

interface Scene {
  readonly lane: Lane;
  readonly conditions: Conditions;
  readonly seen: { text: string; ending: Ending | undefined; isPaused: boolean; takesMore: boolean };
}

function scene(seed = 1): Scene {
  const conditions = plainConditions();
  const seen: Scene['seen'] = { text: '', ending: undefined, isPaused: false, takesMore: true };
  const lane = new Lane(
    {
      pause: () => {
        seen.isPaused = true;
      },
      resume: () => {
        seen.isPaused = false;
      },
    },
    {
      write: (bytes) => {
        seen.text += bytes.toString('latin1');
        return seen.takesMore;
      },
      finish: (ending) => {
        seen.ending = ending;
      },
    },
    conditions,
    seededRandom(seed),
  );
  return { lane, conditions, seen };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Lane', () => {
  it('passes at once while nothing is in the way', () => {
    const { lane, seen } = scene();
    lane.push(Buffer.from('ab'));
    lane.finish('end');
    expect([seen.text, seen.ending]).toEqual(['ab', 'end']);
  });

  it('delays bytes and the end behind them by as much', () => {
    const { lane, conditions, seen } = scene();
    conditions.latencyMs = 100;
    lane.push(Buffer.from('a'));
    vi.advanceTimersByTime(50);
    lane.push(Buffer.from('b'));
    lane.finish('reset');
    vi.advanceTimersByTime(50);
    expect([seen.text, seen.ending]).toEqual(['a', undefined]);
    vi.advanceTimersByTime(50);
    expect([seen.text, seen.ending]).toEqual(['ab', 'reset']);
  });

  it('draws the same jitter from the same seed, and keeps the order', () => {
    const arrivals = (seed: number): number[] => {
      const { lane, conditions, seen } = scene(seed);
      conditions.jitterMs = 100;
      for (const each of '0123456789') lane.push(Buffer.from(each));
      const lengths: number[] = [];
      for (let ms = 0; ms < 100; ms++) {
        vi.advanceTimersByTime(1);
        lengths.push(seen.text.length);
      }
      expect(seen.text).toBe('0123456789');
      return lengths;
    };
    expect(arrivals(7)).toEqual(arrivals(7));
    expect(arrivals(7)).not.toEqual(arrivals(8));
  });

  it('keeps to its rate', () => {
    const { lane, conditions, seen } = scene();
    conditions.bytesPerSecond = 1_000;
    lane.push(Buffer.alloc(10_000, 'x'));
    vi.advanceTimersByTime(5_000);
    expect(seen.text.length).toBeGreaterThanOrEqual(4_900);
    expect(seen.text.length).toBeLessThanOrEqual(5_100);
  });

  it('lets the source wait once it holds a mebibyte, and go on when half is gone', () => {
    const { lane, conditions, seen } = scene();
    conditions.isHeld = true;
    for (let i = 0; i < 8; i++) {
      expect(seen.isPaused).toBe(false);
      lane.push(Buffer.alloc(MEBIBYTE / 8));
    }
    expect([seen.isPaused, seen.text]).toEqual([true, '']);
    seen.takesMore = false;
    conditions.isHeld = false;
    lane.pump();
    const pausedAfter = [seen.isPaused];
    // The sink takes an eighth at a time.
    for (let i = 2; i <= 5; i++) {
      lane.drained();
      pausedAfter.push(seen.isPaused);
    }
    expect(pausedAfter).toEqual([true, true, true, true, false]);
    expect(seen.text.length).toBe((5 * MEBIBYTE) / 8);
  });

  it('passes nothing while severed, everything when it is mended, and nothing more once closed', () => {
    const { lane, seen } = scene();
    lane.isSevered = true;
    lane.push(Buffer.from('a'));
    vi.advanceTimersByTime(1_000_000);
    expect([lane.isHeld, seen.text]).toEqual([true, '']);
    lane.isSevered = false;
    lane.pump();
    expect(seen.text).toBe('a');
    lane.close();
    lane.push(Buffer.from('b'));
    lane.finish('end');
    expect([seen.text, seen.ending]).toEqual(['a', undefined]);
  });
});
