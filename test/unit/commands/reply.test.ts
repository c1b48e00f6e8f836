import { describe, expect, it } from 'vitest';
import { commandSpec, decodeReply, shapeReply } from '../../../src/commands/index.js';

const bytes = (text: string): Buffer => Buffer.from(text);

describe('decodeReply', () => {
  it('decodes Buffers at any depth and leaves the rest', () => {
    expect(decodeReply(bytes('ü'))).toBe('ü');
    expect(decodeReply([bytes('a'), 1, null, [bytes('b'), [bytes('')]]])).toEqual([
      'a',
      1,
      null,
      ['b', ['']],
    ]);
    expect(decodeReply(7)).toBe(7);
    expect(decodeReply(null)).toBeNull();
  });

  it('does not touch what it was given', () => {
    const raw = [bytes('a'), [bytes('b')]];
    decodeReply(raw);
    expect(raw).toEqual([bytes('a'), [bytes('b')]]);
  });
});

describe('shapeReply', () => {
  const hgetall = commandSpec('hgetall');
  const pairs = [
    bytes('f1'),
    bytes('v1'),
    bytes('__proto__'),
    bytes('v2'),
    bytes('constructor'),
    bytes('v3'),
  ];

  it('leaves Buffers to those who ask for them', () => {
    const raw = [bytes('a'), null];
    expect(shapeReply(commandSpec('mget'), raw, true)).toBe(raw);
    expect(shapeReply(commandSpec('mget'), raw, false)).toEqual(['a', null]);
  });

  it('makes an object of HGETALL, whatever the fields are called', () => {
    const object = shapeReply(hgetall, pairs, false) as Record<string, string>;
    expect(Object.entries(object)).toEqual([
      ['f1', 'v1'],
      ['__proto__', 'v2'],
      ['constructor', 'v3'],
    ]);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect(shapeReply(hgetall, [], false)).toEqual({});
  });

  it('keeps the values of an object as Buffers when asked', () => {
    expect(shapeReply(hgetall, [bytes('f'), bytes('v')], true)).toEqual({ f: bytes('v') });
  });

  it('passes on a reply of another kind, such as QUEUED in a transaction', () => {
    expect(shapeReply(hgetall, bytes('QUEUED'), false)).toBe('QUEUED');
    expect(shapeReply(hgetall, bytes('QUEUED'), true)).toEqual(bytes('QUEUED'));
  });

  it('flattens the nested reply of VSIM', () => {
    const vsim = commandSpec('vsim');
    const raw = [bytes('a'), [bytes('1'), bytes('{}')], bytes('b'), [bytes('0.5'), null]];
    expect(shapeReply(vsim, raw, false)).toEqual(['a', '1', '{}', 'b', '0.5', null]);
    expect(shapeReply(vsim, [[bytes('a')]], true)).toEqual([bytes('a')]);
  });
});
