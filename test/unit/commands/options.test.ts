import { describe, expect, it } from 'vitest';
import {
  commandNames,
  commandSpec,
  findCommand,
  isBlocking,
  isIdempotent,
} from '../../../src/commands/index.js';
import {
  CONNECTION_STATE,
  IDEMPOTENT,
  NOT_IDEMPOTENT_WITH,
  PAIRS_FROM,
  REPLY_SHAPES,
  SPLIT,
} from '../../../src/commands/traits.js';

function idempotent(name: string, ...args: unknown[]): boolean {
  return isIdempotent(findCommand(name, args), args);
}

describe('isIdempotent', () => {
  it.each([
    [['get', 'k']],
    [['eval_ro', 'return 1', 0]],
    [['set', 'k', 'v', 'EX', 10]],
    [['set', 'k', 'v', 'XX']],
    [['del', 'k']],
    [['zadd', 'k', 'GT', 1, 'm']],
    [['expire', 'k', 10]],
    [['sort', 'k']],
    [['bitfield', 'k', 'GET', 'u8', 0]],
    [['config', 'SET', 'maxmemory', 0]],
    [['xgroup', 'HELP']],
  ])('allows %j', ([name, ...args]) => {
    expect(idempotent(String(name), ...args)).toBe(true);
  });

  it.each([
    [['set', 'k', 'v', 'NX']],
    [['set', 'k', 'v', 'get']],
    [['set', 'k', 'v', Buffer.from('Nx')]],
    [['setnx', 'k', 'v']],
    [['incr', 'k']],
    [['append', 'k', 'v']],
    [['lpush', 'k', 'v']],
    [['ltrim', 'k', 1, -1]],
    [['xadd', 'k', '*', 'f', 'v']],
    [['spop', 'k']],
    [['getdel', 'k']],
    [['getset', 'k', 'v']],
    [['setbit', 'k', 0, 1]],
    [['rename', 'k1', 'k2']],
    [['msetnx', 'k', 'v']],
    [['zadd', 'k', 'incr', 1, 'm']],
    [['expire', 'k', 10, 'NX']],
    [['sort', 'k1', 'STORE', 'k2']],
    [['zunionstore', 'k1', 1, 'k1']],
    [['bitop', 'NOT', 'k', 'k']],
    [['bitfield', 'k', 'INCRBY', 'u8', 0, 1]],
    [['georadius', 'k', 1, 1, 1, 'm', 'STORE', 'k2']],
    [['publish', 'channel', 'message']],
    [['eval', 'return 1', 0]],
    [['fcall', 'f', 0]],
    [['xgroup', 'CREATE', 'k', 'g', '$']],
    [['xreadgroup', 'GROUP', 'g', 'c', 'STREAMS', 'k', '>']],
    [['json.set', 'k', '$', '1']],
  ])('refuses %j', ([name, ...args]) => {
    expect(idempotent(String(name), ...args)).toBe(false);
  });

  it('rather says no than yes when a value reads like an option', () => {
    expect(idempotent('set', 'k', 'NX')).toBe(false);
  });
});

describe('isBlocking', () => {
  it('depends on BLOCK for streams, up to the names of the streams', () => {
    const xread = commandSpec('xread');
    expect(isBlocking(xread, ['STREAMS', 'k', '0'])).toBe(false);
    expect(isBlocking(xread, ['COUNT', 1, Buffer.from('block'), 0, 'STREAMS', 'k', '$'])).toBe(true);
    expect(isBlocking(xread, ['STREAMS', 'BLOCK', '0'])).toBe(false);
  });

  it('is always so for commands that exist to wait, never for others', () => {
    expect(
      ['blpop', 'bzpopmin', 'blmove', 'wait'].every((name) => isBlocking(commandSpec(name), ['k', 0])),
    ).toBe(true);
    expect(isBlocking(commandSpec('lpop'), ['k'])).toBe(false);
  });
});

describe('the judgements', () => {
  it('name only commands of the table', () => {
    const names = new Set(commandNames());
    const judged = [
      ...IDEMPOTENT,
      ...CONNECTION_STATE,
      ...[NOT_IDEMPOTENT_WITH, PAIRS_FROM, REPLY_SHAPES, SPLIT].flatMap((map) => [...map.keys()]),
    ];
    expect(judged.filter((name) => !names.has(name))).toEqual([]);
  });

  it('call nothing idempotent that the table says is read-only, and except only what is idempotent', () => {
    expect([...IDEMPOTENT].filter((name) => commandSpec(name).readOnly)).toEqual([]);
    expect([...NOT_IDEMPOTENT_WITH.keys()].filter((name) => !IDEMPOTENT.has(name))).toEqual([]);
  });
});
