import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16, SLOT_COUNT, slotOfKey } from '../../src/topology/index.js';

const require = createRequire(import.meta.url);
/** What ioredis uses. */
const calculateSlot = createRequire(require.resolve('ioredis'))('cluster-key-slot') as (
  key: Buffer,
) => number;

/** Texts rich in what matters to hash tags: braces, and characters on both sides of the ASCII limit. */
const keyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('{', '}', 'a', 'b', '\u007f', '\u0080', 'é', '漢', '😀', '\ud800') }),
);
const keyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .array(fc.constantFrom(0x7b, 0x7d, 0x00, 0x61, 0xff), { maxLength: 12 })
    .map((bytes) => Uint8Array.from(bytes)),
);

/** The cluster specification's words, bit by bit: slow, and with nothing in common with the code under test. */
function slotBySpecification(key: Buffer): number {
  const open = key.indexOf('{');
  const close = key.indexOf('}', open);
  const hashed = open !== -1 && close !== -1 && close - open > 1 ? key.subarray(open + 1, close) : key;
  let remainder = 0;
  for (const byte of hashed) {
    for (let bit = 7; bit >= 0; bit--) {
      const isCarrying = ((remainder >> 15) & 1) !== ((byte >> bit) & 1);
      remainder = ((remainder << 1) & 0xffff) ^ (isCarrying ? 0x1021 : 0);
    }
  }
  return remainder % SLOT_COUNT;
}

/** cluster-key-slot looks on for a tag when the first one is empty; servers hash the whole key then. */
const beginsWithEmptyTag = (key: Buffer): boolean => {
  const open = key.indexOf('{');
  return open !== -1 && key[open + 1] === 0x7d;
};

describe('slotOfKey', () => {
  it('agrees with the specification on every text', () => {
    fc.assert(
      fc.property(keyText, (key) => {
        expect(slotOfKey(key)).toBe(slotBySpecification(Buffer.from(key)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('agrees with the specification on all bytes', () => {
    fc.assert(
      fc.property(keyBytes, (key) => {
        expect(slotOfKey(key)).toBe(slotBySpecification(Buffer.from(key)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('agrees with cluster-key-slot, where that agrees with the servers', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          keyText.map((text) => Buffer.from(text)),
          keyBytes.map((bytes) => Buffer.from(bytes)),
        ),
        (key) => {
          fc.pre(!beginsWithEmptyTag(key));
          expect(slotOfKey(key)).toBe(calculateSlot(key));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('gives a text the slot of its UTF-8 bytes', () => {
    fc.assert(
      fc.property(keyText, (key) => {
        expect(slotOfKey(key)).toBe(slotOfKey(Buffer.from(key)));
      }),
    );
  });

  it('stays within 0..16383', () => {
    fc.assert(
      fc.property(keyText, (key) => {
        const slot = slotOfKey(key);
        expect(Number.isInteger(slot) && slot >= 0 && slot < SLOT_COUNT).toBe(true);
      }),
    );
  });

  it('puts keys with the same hash tag into one slot', () => {
    const unbraced = keyText.filter((text) => !text.includes('{'));
    const tag = keyText.filter((text) => text !== '' && !text.includes('}') && !text.includes('{'));
    fc.assert(
      fc.property(unbraced, tag, keyText, (before, inner, after) => {
        fc.pre(Buffer.from(inner).toString() === inner);
        expect(slotOfKey(`${before}{${inner}}${after}`)).toBe(slotOfKey(inner));
      }),
    );
  });
});

describe('crc16', () => {
  it('of a part is that of the part cut out', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(64), fc.nat(64), (bytes, a, b) => {
        const [from, to] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
        expect(crc16(bytes, from, to)).toBe(crc16(bytes.slice(from, to)));
      }),
    );
  });
});
