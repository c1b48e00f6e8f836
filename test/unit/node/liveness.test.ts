import { describe, expect, it } from 'vitest';
import { Liveness, type Sign } from '../../../src/node/liveness.js';

const SETTINGS = { hungAfterMs: 250, dropAfterMs: 6_000 };

describe('the silence of a node', () => {
  it('is suspect after hungAfterMs and lost after dropAfterMs, not a millisecond earlier', () => {
    const liveness = new Liveness(SETTINGS);
    const signs: Sign[] = [0, 249, 250, 5_999, 6_000, 9_000].map((nowMs) => liveness.look(true, 7, nowMs));
    expect(signs).toEqual(['well', 'well', 'suspect', 'suspect', 'lost', 'lost']);
    expect(liveness.sign).toBe('lost');
    expect(liveness.silenceMs(9_500)).toBe(9_500);
  });

  it('ends with the first byte, however much is still due, and counts anew from there', () => {
    const liveness = new Liveness(SETTINGS);
    liveness.look(true, 1, 0);
    expect(liveness.look(true, 1, 300)).toBe('suspect');
    expect(liveness.look(true, 2, 310)).toBe('well');
    expect(liveness.silenceMs(310)).toBe(0);
    expect(liveness.look(true, 2, 559)).toBe('well');
    expect(liveness.look(true, 2, 560)).toBe('suspect');
  });

  it('never grows while a long queue is answered slowly', () => {
    const liveness = new Liveness(SETTINGS);
    const signs = new Set(Array.from({ length: 500 }, (_, i) => liveness.look(true, i, i * 249)));
    expect(signs).toEqual(new Set(['well']));
  });

  it('is of no meaning while nothing is due', () => {
    const liveness = new Liveness(SETTINGS);
    liveness.look(false, 3, 0);
    expect(liveness.look(false, 3, 60_000)).toBe('well');
    expect(liveness.silenceMs(60_000)).toBe(0);
    // Asked after an idle hour: the hour does not count.
    expect(liveness.look(true, 3, 3_600_000)).toBe('well');
    expect(liveness.look(true, 3, 3_600_249)).toBe('well');
    expect(liveness.look(true, 3, 3_600_250)).toBe('suspect');
    // What was due is due no more.
    expect(liveness.look(false, 3, 3_600_300)).toBe('well');
  });

  it('does not count the time in which our own event loop was blocked', () => {
    const liveness = new Liveness(SETTINGS);
    liveness.look(true, 1, 0);
    liveness.pardon(10_000);
    expect(liveness.look(true, 1, 10_100)).toBe('well');
    expect(liveness.silenceMs(10_100)).toBe(100);
    expect(liveness.look(true, 1, 10_250)).toBe('suspect');
  });

  it('cannot be pardoned or excused before it has begun', () => {
    const liveness = new Liveness(SETTINGS);
    liveness.pardon(500);
    liveness.excuse(500);
    liveness.look(true, 1, 1_000);
    expect(liveness.look(true, 1, 1_249)).toBe('well');
    expect(liveness.look(true, 1, 1_250)).toBe('suspect');
  });

  it('of a node that says it is busy stays suspect, and is lost only dropAfterMs later', () => {
    const liveness = new Liveness(SETTINGS);
    liveness.look(true, 1, 0);
    expect(liveness.look(true, 1, 5_900)).toBe('suspect');
    liveness.excuse(5_900);
    expect(liveness.look(true, 1, 5_900)).toBe('suspect');
    expect(liveness.look(true, 1, 6_100)).toBe('suspect');
    expect(liveness.look(true, 1, 5_900 - 250 + 5_999)).toBe('suspect');
    expect(liveness.look(true, 1, 5_900 - 250 + 6_000)).toBe('lost');
  });

  it('is not made longer by an excuse that comes early', () => {
    const liveness = new Liveness(SETTINGS);
    liveness.look(true, 1, 0);
    liveness.excuse(10);
    expect(liveness.silenceMs(10)).toBe(10);
    expect(liveness.look(true, 1, 250)).toBe('suspect');
  });
});
