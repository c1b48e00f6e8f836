import { describe, expect, it } from 'vitest';
import {
  commandSpec,
  findCommand,
  invalidArgument,
  normalizeArguments,
} from '../../../src/commands/index.js';
import { InvalidArgumentError } from '../../../src/errors/index.js';

function normalize(name: string, ...args: unknown[]): readonly unknown[] {
  return normalizeArguments(findCommand(name, args), args);
}

describe('normalizeArguments', () => {
  it('gives back the very array when nothing is to be done', () => {
    const args = ['key', 1, 2n, Buffer.from('b'), new Uint8Array([1]), Number.POSITIVE_INFINITY];
    expect(normalizeArguments(commandSpec('sadd'), args)).toBe(args);
  });

  it('flattens arrays one level', () => {
    expect(normalize('mget', ['a', 'b'])).toEqual(['a', 'b']);
    expect(normalize('sadd', 'k', ['a', 1], 'c')).toEqual(['k', 'a', 1, 'c']);
    expect(normalize('mset', ['k1', 'v1', 'k2', 'v2'])).toEqual(['k1', 'v1', 'k2', 'v2']);
  });

  it('makes pairs of the object or Map of the commands that take one', () => {
    class Settings {
      colour = 'red';
      size = 3;
    }
    expect(normalize('mset', { a: '1', b: 2 })).toEqual(['a', '1', 'b', 2]);
    expect(normalize('msetnx', new Map([['a', '1']]))).toEqual(['a', '1']);
    expect(normalize('hset', 'k', new Settings())).toEqual(['k', 'colour', 'red', 'size', 3]);
    expect(normalize('hmset', 'k', new Map([[1, Buffer.from('v')]]))).toEqual(['k', 1, Buffer.from('v')]);
    expect(normalize('hset', 'k', Object.assign(Object.create(null), { f: 'v' }))).toEqual(['k', 'f', 'v']);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['NaN', Number.NaN],
    ['a boolean', true],
    ['a symbol', Symbol('s')],
    ['a function', () => 1],
    ['a Date', new Date(0)],
    ['an Object', { field: 'v' }],
    ['a Set', new Set(['a'])],
    ['a Map', new Map([['a', 'b']])],
    ['a Promise', Promise.resolve('v')],
    ['an ArrayBuffer', new ArrayBuffer(1)],
  ])('refuses %s', (kind, value) => {
    expect(() => normalize('get', value)).toThrow(
      new InvalidArgumentError(
        `get: argument 1 (key) is ${kind}; expected string, number, bigint, Buffer or Uint8Array`,
      ),
    );
    expect(() => normalize('set', 'k', value)).toThrow(`set: argument 2 is ${kind}; expected`);
  });

  it('names the place within arrays and pairs', () => {
    expect(() => normalize('mget', ['a', null])).toThrow(
      'mget: argument 2 (key) is null; expected string, number, bigint, Buffer or Uint8Array (elements of arrays count as arguments)',
    );
    expect(() => normalize('mget', [['a']])).toThrow('mget: argument 1 (key) is an Array');
    expect(() => normalize('hset', 'k', { a: 1, b: undefined })).toThrow(
      'hset: value 2 of the pairs is undefined',
    );
    expect(() => normalize('mset', new Map([[null, 1]]))).toThrow('mset: name 1 of the pairs is null');
    expect(() => normalize('xgroup', 'CREATE', undefined, 'g', '$')).toThrow(
      'xgroup create: argument 2 (key) is undefined',
    );
  });

  it('refuses too few arguments', () => {
    expect(() => normalize('get')).toThrow('get: expected at least 1 argument, got 0');
    expect(() => normalize('mget', [])).toThrow('mget: expected at least 1 argument, got 0');
    expect(() => normalize('del')).toThrow('del: expected at least 1 argument, got 0');
    expect(() => normalize('set', 'k')).toThrow('set: expected at least 2 arguments, got 1');
    expect(() => normalize('hset', 'k', {})).toThrow('hset: expected at least 3 arguments, got 1');
    expect(() => normalize('config', 'GET')).toThrow('config get: expected at least 1 argument, got 0');
  });

  it('leaves too many to the server, which may be newer', () => {
    expect(normalize('get', 'k', 'NEWOPTION')).toEqual(['k', 'NEWOPTION']);
  });

  it('refuses a field without its value', () => {
    expect(() => normalize('mset', 'k1', 'v1', 'k2')).toThrow(
      'mset: expected pairs of key and value, got 3 arguments',
    );
    expect(() => normalize('hset', 'k', 'f', 'v', 'f2')).toThrow(
      'hset: expected a key and pairs of field and value, got 4 arguments',
    );
  });

  it('never tells what an argument holds', () => {
    const secret = 'hunter2';
    const wrong: unknown[][] = [
      ['set', secret, { [secret]: secret }],
      ['mset', secret, secret, secret],
      ['hset', secret, { [secret]: undefined }],
      ['mget', [secret, [secret]]],
      ['set', secret],
      ['get', Symbol(secret)],
    ];
    for (const [name, ...args] of wrong) {
      let message = '';
      try {
        normalize(String(name), ...args);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toMatch(/^(set|mset|hset|mget|get): /);
      expect(message).not.toContain(secret);
    }
  });
});

describe('invalidArgument', () => {
  it('says nothing was sent, in a class of its own', () => {
    const error = invalidArgument(commandSpec('get'), [undefined], 0);
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error.executed).toBe('no');
  });
});
