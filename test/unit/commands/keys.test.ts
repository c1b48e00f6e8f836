import { describe, expect, it } from 'vitest';
import { findCommand, firstKeyIndex, keyIndexes, keyOf } from '../../../src/commands/index.js';

// That the positions are those the server itself finds is shown in test/integration/commands-table.test.ts, for the
// commands of the servers at hand. Here: newer commands, and input no server would take.

function indexes(name: string, ...args: unknown[]): number[] {
  const spec = findCommand(name, args);
  const all = keyIndexes(spec, args);
  expect(firstKeyIndex(spec, args)).toBe(all[0] ?? -1);
  return all;
}

describe('keyIndexes', () => {
  it('finds counted keys that are followed by values', () => {
    expect(indexes('msetex', 2, 'k1', 'v1', 'k2', 'v2', 'EX', 10)).toEqual([1, 3]);
  });

  it('finds the keys of commands newer than the servers at hand', () => {
    expect(indexes('hexpire', 'k', 10, 'FIELDS', 1, 'f')).toEqual([0]);
    expect(indexes('sunioncard', '2', 'k1', 'k2', 'LIMIT', '5')).toEqual([1, 2]);
    expect(indexes('vsim', 'k', 'ELE', 'e')).toEqual([0]);
    expect(indexes('lmovem', 'k1', 'k2', 'LEFT', 'RIGHT')).toEqual([0, 1]);
  });

  it('reads counts given as number, text or bytes', () => {
    for (const count of [2, '2', Buffer.from('2'), 2n]) {
      expect(indexes('eval', 'return 1', count, 'k1', 'k2', 'argument')).toEqual([2, 3]);
    }
  });

  it('finds no key where the arguments are too few or the count is no count', () => {
    expect(indexes('get')).toEqual([]);
    expect(indexes('mget')).toEqual([]);
    expect(indexes('eval', 'return 1')).toEqual([]);
    for (const count of ['x', '1.5', 3, 1e9, -1, undefined, Number.NaN]) {
      expect(indexes('eval', 'return 1', count, 'k1', 'k2')).toEqual([]);
    }
    expect(indexes('xread', 'COUNT', 1)).toEqual([]);
    expect(indexes('xread', 'STREAMS')).toEqual([]);
    expect(indexes('migrate', 'host')).toEqual([]);
    expect(indexes('migrate', 'host', '6379', '', '0', '1000')).toEqual([]);
  });

  it('keeps to positions within the arguments', () => {
    expect(indexes('rename', 'k1')).toEqual([0]);
    expect(indexes('sort', 'k1', 'STORE')).toEqual([0]);
    expect(indexes('georadius', 'k1', 1, 1, 1, 'm', 'STORE')).toEqual([0]);
  });

  it('takes the first argument of a command it does not know for its key', () => {
    expect(indexes('json.set', 'k', '$', '1')).toEqual([0]);
    expect(indexes('module.command')).toEqual([]);
  });

  it('survives arguments of any kind', () => {
    for (const odd of [undefined, null, Symbol('s'), Object.create(null), [], () => 1, new Date()]) {
      expect(indexes('sort', odd, odd, 'STORE', 'k')).toEqual([0, 3]);
      expect(indexes('xread', odd, 'STREAMS', odd, '0')).toEqual([2]);
    }
  });
});

describe('keyOf', () => {
  it('reads numbers as the text that is sent, and leaves text and bytes', () => {
    const bytes = Buffer.from([0xff]);
    expect(keyOf('k')).toBe('k');
    expect(keyOf(bytes)).toBe(bytes);
    expect(keyOf(7)).toBe('7');
    expect(keyOf(2n ** 64n)).toBe('18446744073709551616');
  });
});
