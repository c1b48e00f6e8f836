import { describe, expect, it } from 'vitest';
import { canWait, spreadMs, stretchedMs, troubleGapMs } from '../../../src/discovery/refresh-pace.js';

const least = (): number => 0;
const middle = (): number => 0.5;
const most = (): number => 0.999_999;

describe('what nobody waits for', () => {
  it.each(['moved', 'ask', 'hint', 'linkLost', 'suspect'] as const)(
    'is a refresh because of %s',
    (trigger) => {
      expect(canWait(trigger)).toBe(true);
    },
  );

  it.each(['start', 'requested', 'slotUncovered', 'clusterDown', 'readOnly', 'unknownNode'] as const)(
    'is not one because of %s: it is never put off',
    (trigger) => {
      expect(canWait(trigger)).toBe(false);
      expect(spreadMs(trigger, 1_500, most)).toBe(0);
    },
  );

  it('begins at once in a small cluster', () => {
    expect(spreadMs('moved', 1, most)).toBe(0);
    expect(spreadMs('moved', 10, most)).toBe(0);
  });

  it.each([
    [11, 5],
    [60, 250],
    [110, 500],
    [1_010, 5_000],
    [1_500, 5_000],
  ])('is spread in a cluster of %i nodes over %i ms', (nodes, spread) => {
    expect(spreadMs('moved', nodes, least)).toBe(0);
    expect(spreadMs('moved', nodes, middle)).toBe(spread / 2);
    expect(Math.round(spreadMs('moved', nodes, most))).toBe(spread);
  });
});

describe('while a shard has no primary', () => {
  it('questions come every 45 to 75 ms', () => {
    expect([least, middle, most].map((random) => Math.round(troubleGapMs(1, 6, random)))).toEqual([
      45, 60, 75,
    ]);
    expect(troubleGapMs(500, 6, middle)).toBe(60);
  });

  it('they come less often the larger the cluster is', () => {
    expect([100, 300, 1_500].map((nodes) => troubleGapMs(1, nodes, middle))).toEqual([60, 180, 900]);
  });

  it('they come less and less often when it lasts, but every two seconds at least', () => {
    expect([509, 510, 520, 1_000, 1e9].map((rounds) => troubleGapMs(rounds, 6, middle))).toEqual([
      60, 120, 240, 2_000, 2_000,
    ]);
  });
});

describe('a time between refreshes', () => {
  it('is stretched in clusters of more than a hundred nodes', () => {
    expect([1, 100, 250, 1_500].map((nodes) => stretchedMs(500, nodes))).toEqual([500, 500, 1_250, 7_500]);
  });
});
