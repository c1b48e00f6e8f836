import { describe, expect, it } from 'vitest';
import { isAtLeast, parseVersion } from '../../../src/testing/server-binary/version.js';
import { evenSpans, slotOfKey, slotsOf, spanText } from '../../../src/testing/slots.js';
import { nextZone } from '../../../src/testing/zones.js';

describe('slots', () => {
  it('of keys are those that the specification gives as examples', () => {
    expect(slotOfKey('123456789')).toBe(0x31c3);
    expect(slotOfKey('foo{hash_tag}')).toBe(slotOfKey('hash_tag'));
    expect(slotOfKey('foo{}{bar}')).toBe(8363);
    expect(slotOfKey('foo{{bar}}zap')).toBe(slotOfKey('{bar'));
    expect(slotOfKey('foo{bar}{zap}')).toBe(slotOfKey('bar'));
  });

  it.each([1, 2, 3, 7, 100, 16_384])('are all given to %i shards, evenly', (shards) => {
    const spans = evenSpans(shards);
    expect(slotsOf(spans)).toEqual(Array.from({ length: 16_384 }, (_, slot) => slot));
    const sizes = spans.map(([first, last]) => last - first + 1);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('are written as the nodes write them', () => {
    expect([spanText([0, 5460]), spanText([7, 7])]).toEqual(['0-5460', '7']);
  });
});

describe('nextZone', () => {
  it('gives the nodes of a shard different zones, and each shard another one first', () => {
    const zones = ['a', 'b', 'c'];
    const inShard = (shard: number): Array<string | undefined> =>
      [0, 1, 2, 3].reduce<Array<string | undefined>>((used) => [...used, nextZone(zones, shard, used)], []);
    expect([0, 1, 2].map(inShard)).toEqual([
      ['a', 'b', 'c', 'a'],
      ['b', 'c', 'a', 'b'],
      ['c', 'a', 'b', 'c'],
    ]);
  });

  it('fills the gap that a removed node left', () => {
    expect(nextZone(['a', 'b', 'c'], 0, ['a', 'c'])).toBe('b');
    expect(nextZone([], 0, [])).toBeUndefined();
  });
});

describe('versions', () => {
  it('are read from what servers say', () => {
    expect(parseVersion('Redis server v=7.0.15 sha=0:0 malloc=jemalloc\n')).toEqual({
      engine: 'redis',
      version: '7.0.15',
    });
    expect(parseVersion('Valkey server v=8.1.0-rc1 sha=0')).toEqual({ engine: 'valkey', version: '8.1.0' });
    expect(parseVersion('cat (GNU coreutils) 9.1')).toBeUndefined();
  });

  it('are compared number by number', () => {
    expect(isAtLeast('7.10.0', '7.2')).toBe(true);
    expect(isAtLeast('7.0.15', '7.2')).toBe(false);
    expect(isAtLeast('8.0', '8.0.0')).toBe(true);
  });
});
