import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestHead, RequestWriter } from '../../src/commands/index.js';
import { ReplyError } from '../../src/errors/index.js';
import { ReplyDecoder } from '../../src/node/reply-decoder.js';

/** Everything a decoder hands out, errors marked as such. */
function decode(chunks: readonly Uint8Array[], asText: boolean): unknown[] {
  const replies: unknown[] = [];
  const decoder = new ReplyDecoder({
    wantsText: () => asText,
    reply: (value) => replies.push(value),
    error: (message) => replies.push({ error: message }),
  });
  const memory = Buffer.alloc(Math.max(0, ...chunks.map((chunk) => chunk.length)));
  for (const chunk of chunks) {
    memory.set(chunk);
    decoder.write(memory.subarray(0, chunk.length));
    // The memory is used again by the next read: whatever still points into it would show.
    memory.fill(0x58);
  }
  return replies;
}

/** Cuts bytes where `cuts` say, as a socket may. */
function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((at) => at % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i])).filter((piece) => piece.length > 0);
}

function asBytes(arg: unknown): Buffer {
  return arg instanceof Uint8Array ? Buffer.from(arg) : Buffer.from(String(arg));
}

/** Buffers as text of one character per byte: comparing those is quick, also when they are long. */
function latin1(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return Array.isArray(value) ? value.map(latin1) : value;
}

/** Large examples make a run expensive; this many find what there is to find. */
const RUNS = { numRuns: 40 };

const argument = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.uint8Array({ maxLength: 300 }),
  fc.double({ noNaN: true }),
  fc.bigInt(),
  fc.integer({ min: 40, max: 20_000 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 40, max: 20_000 }).map((length) => 'é'.repeat(length)),
  fc.integer({ min: 8_000, max: 70_000 }).map((length) => Buffer.alloc(length, 7)),
);

type Value = null | number | string | Value[] | { error: string };

const value = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.integer({ min: 16_000, max: 20_000 }).map((length) => 'é'.repeat(length)),
    fc.stringMatching(/^[A-Z]{1,10} [a-z ]{0,20}$/).map((error) => ({ error })),
    fc.array(tie('value'), { maxLength: 5 }),
  ),
})).value;

function serialize(reply: Value): string {
  if (reply === null) return '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  if (Array.isArray(reply)) return `*${reply.length}\r\n${reply.map(serialize).join('')}`;
  return `-${reply.error}\r\n`;
}

/** What the decoder makes of errors inside arrays, shown as they are here. */
function plain(reply: unknown): unknown {
  if (reply instanceof ReplyError) return { error: reply.message };
  return Array.isArray(reply) ? reply.map(plain) : reply;
}

describe('what goes over the wire', () => {
  it('is a request that reads back byte for byte, whatever its arguments and wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(argument, { maxLength: 6 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat()),
        (requests, cuts) => {
          const writer = new RequestWriter();
          for (const args of requests)
            expect(writer.append(requestHead(['SET'], args.length), args)).toBe(-1);
          const bytes = Buffer.concat(writer.take());
          const expected = requests.map((args) => [Buffer.from('SET'), ...args.map(asBytes)]);
          expect(latin1(decode(cut(bytes, cuts), false))).toEqual(latin1(expected));
        },
      ),
      RUNS,
    );
  });

  it('keeps a request out entirely when one of its arguments cannot be sent', () => {
    fc.assert(
      fc.property(
        fc.array(argument, { maxLength: 5 }),
        fc.constantFrom(undefined, null, Number.NaN, {}, true, Symbol('s')),
        (args, wrong) => {
          const writer = new RequestWriter();
          writer.append(requestHead(['GET'], 1), ['before']);
          expect(writer.append(requestHead(['SET'], args.length + 1), [...args, wrong])).toBe(args.length);
          writer.append(requestHead(['GET'], 1), ['after']);
          const requests = decode(writer.take(), true);
          expect(requests).toEqual([
            ['GET', 'before'],
            ['GET', 'after'],
          ]);
        },
      ),
    );
  });

  it('is a reply that decodes the same wherever it is cut, as text and as Buffers', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (replies, cuts) => {
          const bytes = Buffer.from(replies.map(serialize).join(''));
          expect(decode(cut(bytes, cuts), true).map(plain)).toEqual(replies);
          expect(latin1(decode(cut(bytes, cuts), false))).toEqual(latin1(decode([bytes], false)));
        },
      ),
      RUNS,
    );
  });

  it('is a reply that decodes the same byte by byte', () => {
    fc.assert(
      fc.property(value, (reply) => {
        const bytes = Buffer.from(serialize(reply));
        const single = Array.from(bytes, (byte) => Buffer.of(byte));
        expect(decode(single, true).map(plain)).toEqual([reply]);
      }),
      { numRuns: 30 },
    );
  });

  it('is a text of about a megabyte that decodes to itself, on either side of where its memory changes', () => {
    for (const length of [515_955, 515_956, 515_957, 1_000_000, 1_031_912, 1_031_913, 1_031_914]) {
      for (const text of ['a'.repeat(length - 1) + 'z', 'é'.repeat(length / 2) + 'a'.repeat(length % 2)]) {
        const bytes = Buffer.from(serialize([text, 'next']));
        const [reply] = decode(cut(bytes, [100_000, 500_000, 999_000]), true) as [string[]];
        expect(reply[0] === text, `${length} bytes beginning with ${text[0]}`).toBe(true);
        expect(reply[1]).toBe('next');
      }
    }
  });

  it('is refused when it is not RESP2, without reading on', () => {
    for (const garbage of ['HTTP/1.1 400\r\n', '$x\r\n', '*1\r\n?', '\u0000']) {
      expect(() => decode([Buffer.from(garbage)], true), JSON.stringify(garbage)).toThrow(/RESP2|number/);
    }
  });
});
