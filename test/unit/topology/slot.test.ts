import { describe, expect, it } from 'vitest';
import { crc16, slotOfKey } from '../../../src/topology/index.js';

/** As a Redis 7.0.15 node answers CLUSTER KEYSLOT. */
const slotsByServer: ReadonlyArray<readonly [key: string, slot: number]> = [
  ['123456789', 12739],
  ['foo', 12182],
  ['', 0],
  ['{user1000}.following', 3443],
  ['{user1000}.followers', 3443],
  ['foo{}{bar}', 8363],
  ['foo{{bar}}zap', 4015],
  ['foo{bar}{zap}', 5061],
  ['{}', 15257],
  ['{}}', 14790],
  ['{}a}', 4370],
  ['{', 4092],
  ['}', 12090],
  ['}{a}', 15495],
  ['😀', 2959],
  ['{é}x', 10180],
];

describe('slotOfKey', () => {
  it.each(slotsByServer)('puts %j where the server puts it', (key, slot) => {
    expect(slotOfKey(key)).toBe(slot);
    expect(slotOfKey(Buffer.from(key))).toBe(slot);
    expect(slotOfKey(new TextEncoder().encode(key))).toBe(slot);
  });

  it('reads a hash tag of bytes that are no text', () => {
    expect(slotOfKey(Uint8Array.of(0xff, 0x7b, 0x80, 0x7d, 0xfe))).toBe(slotOfKey(Uint8Array.of(0x80)));
  });
});

describe('crc16', () => {
  it('gives the check value of the specification', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0x31c3);
  });

  it('of nothing is 0', () => {
    expect(crc16(new Uint8Array())).toBe(0);
  });
});
