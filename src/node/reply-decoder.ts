import { isAscii } from 'node:buffer';
import { ReplyError } from '../errors/index.js';
import { borrowMemory, returnMemory } from './scratch-memory.js';

/** Who takes what a decoder finds. */
export interface ReplyTarget {
  /** Whether strings of the reply that comes next are wanted as text; as Buffers else. Asked once per reply. */
  wantsText(): boolean;
  /** A reply: text or Buffer, number, null, or an array of such. Errors inside an array are {@link ReplyError}s. */
  reply(value: unknown): void;
  /** An error reply, in the server's own words. */
  error(message: string): void;
}

/** What is not RESP at all. */
export class ProtocolError extends Error {}

/** A string of at least this size that has not come in full is gathered in memory of its own, copied once. */
const GATHERED_BYTES = 16 * 1024;
/** From this size on it pays to see first whether a text is ASCII, which is decoded faster than UTF-8 at large. */
const LONG_TEXT_BYTES = 4 * 1024;

/**
 * From this size on Node keeps a text outside of V8's heap, in memory that is used again. Inside the heap a text of
 * about a megabyte is mapped anew and given back each time, and its page faults cost more than its decoding: so one
 * that comes near is decoded together with what lies behind it, and the rest is cut off.
 * `EXTERN_APEX` in src/string_bytes.cc of Node 20 to 26.
 */
const OUTSIDE_HEAP_BYTES = 0xfbee9;
/** The least that is treated so: no text takes more than twice its size. */
const MIN_PADDED_BYTES = OUTSIDE_HEAP_BYTES / 2;

const CR = 13;
const LF = 10;
const SIMPLE = 43;
const ERROR = 45;
const INTEGER = 58;
const BULK = 36;
const ARRAY = 42;
const MINUS = 45;
const ZERO = 48;

interface Frame {
  readonly items: unknown[];
  readonly outer: Frame | undefined;
  filled: number;
}

/**
 * Decodes RESP2, straight to the form in which the caller wants it: text is never a Buffer first. The memory that is
 * written to it may be reused as soon as `write` returns; Buffers in replies are copies.
 *
 * A reply may arrive in any number of pieces. Of an unfinished one, only the element at hand is looked at again when
 * more has come; what of an array is complete is kept.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
export class ReplyDecoder {
  readonly #target: ReplyTarget;
  #asText = false;
  #frame: Frame | undefined;
  /** The beginning of an element whose end has not come. */
  #rest: Buffer | undefined;
  /** Memory for a long string whose end has not come, its CR LF included; borrowed when it becomes a text. */
  #gathered: Buffer | undefined;
  #gatheredBytes = 0;
  /** Where the line that was read last ended; -1: it had no end. */
  #lineEnd = 0;

  constructor(target: ReplyTarget) {
    this.#target = target;
  }

  /** @throws {@link ProtocolError} for what is not RESP2; the decoder is of no use afterwards */
  write(chunk: Buffer): void {
    let at = 0;
    if (this.#gathered !== undefined) {
      at = this.#gather(this.#gathered, chunk);
      if (at === -1) return;
    }
    let bytes = chunk;
    if (this.#rest !== undefined) {
      bytes = Buffer.concat([this.#rest, chunk]);
      this.#rest = undefined;
    }
    const end = bytes.length;
    while (at < end) {
      const next = this.#element(bytes, at, end);
      if (next === -1) {
        if (this.#gathered === undefined) this.#rest = Buffer.from(bytes.subarray(at));
        return;
      }
      at = next;
    }
  }

  /** Reads one element. @returns where the next one begins; -1: it is not complete */
  #element(bytes: Buffer, at: number, end: number): number {
    if (this.#frame === undefined) this.#asText = this.#target.wantsText();
    const type = bytes[at]!;
    switch (type) {
      case BULK: {
        const length = this.#integer(bytes, at + 1, end);
        const from = this.#lineEnd;
        if (from === -1) return -1;
        if (length === -1) {
          this.#found(null);
          return from;
        }
        const to = from + length;
        if (to + 2 > end) {
          if (length >= GATHERED_BYTES) this.#beginGathering(bytes.subarray(from, end), length);
          return -1;
        }
        this.#found(this.#asText ? textIn(bytes, from, to) : Buffer.from(bytes.subarray(from, to)));
        return to + 2;
      }
      case INTEGER: {
        const value = this.#integer(bytes, at + 1, end);
        if (this.#lineEnd === -1) return -1;
        const next = this.#lineEnd;
        this.#found(value);
        return next;
      }
      case ARRAY: {
        const length = this.#integer(bytes, at + 1, end);
        if (this.#lineEnd === -1) return -1;
        const next = this.#lineEnd;
        if (length > 0) this.#frame = { items: new Array<unknown>(length), outer: this.#frame, filled: 0 };
        else this.#found(length === -1 ? null : []);
        return next;
      }
      case SIMPLE:
      case ERROR: {
        const lineEnd = bytes.indexOf(LF, at);
        if (lineEnd === -1 || lineEnd >= end) return -1;
        const line = textIn(bytes, at + 1, lineEnd - 1);
        if (type === SIMPLE) this.#found(this.#asText ? line : Buffer.from(line));
        else if (this.#frame === undefined) this.#target.error(line);
        else this.#found(new ReplyError(line, { executed: 'yes' }));
        return lineEnd + 1;
      }
      default:
        throw new ProtocolError(`a reply begins with byte ${type}, which is no type of RESP2`);
    }
  }

  /** Puts a value where it belongs, and hands out what is complete with it. */
  #found(value: unknown): void {
    let frame = this.#frame;
    while (frame !== undefined) {
      frame.items[frame.filled++] = value;
      if (frame.filled < frame.items.length) return;
      value = frame.items;
      frame = frame.outer;
      this.#frame = frame;
    }
    this.#target.reply(value);
  }

  /** Reads a line that holds an integer; `#lineEnd` tells where the next one begins. */
  #integer(bytes: Buffer, at: number, end: number): number {
    let value = 0;
    let i = at;
    const isNegative = bytes[i] === MINUS;
    if (isNegative) i++;
    for (; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === CR) {
        this.#lineEnd = i + 1 < end ? i + 2 : -1;
        return isNegative ? -value : value;
      }
      if (byte < ZERO || byte > ZERO + 9) throw new ProtocolError(`a length or number holds byte ${byte}`);
      // The digit first: near 2^53 the sum with the byte would not be exact.
      value = value * 10 + (byte - ZERO);
    }
    this.#lineEnd = -1;
    return 0;
  }

  #beginGathering(beginning: Buffer, length: number): void {
    const bytes = length + 2;
    const padded = length < MIN_PADDED_BYTES ? bytes : Math.max(bytes, OUTSIDE_HEAP_BYTES);
    this.#gathered = this.#asText ? borrowMemory(padded).subarray(0, bytes) : Buffer.allocUnsafeSlow(bytes);
    this.#gatheredBytes = beginning.copy(this.#gathered);
  }

  /** Adds to the long string at hand. @returns where the next element begins; -1: it is still not complete */
  #gather(gathered: Buffer, chunk: Buffer): number {
    const copied = chunk.copy(gathered, this.#gatheredBytes);
    this.#gatheredBytes += copied;
    if (this.#gatheredBytes < gathered.length) return -1;
    this.#gathered = undefined;
    const length = gathered.length - 2;
    if (this.#asText) {
      const text = longTextIn(gathered, length);
      returnMemory(gathered);
      this.#found(text);
    } else {
      this.#found(gathered.subarray(0, length));
    }
    return copied;
  }
}

/** Node's own primitives under `toString`, without its argument checks. */
interface TextReader {
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
}

/** The text that fills borrowed memory up to its last two bytes. */
function longTextIn(gathered: Buffer, length: number): string {
  if (length < MIN_PADDED_BYTES || length >= OUTSIDE_HEAP_BYTES || !isAscii(gathered.subarray(0, length)))
    return textIn(gathered, 0, length);
  const padded = Buffer.from(gathered.buffer, gathered.byteOffset, OUTSIDE_HEAP_BYTES);
  return (padded as unknown as TextReader).latin1Slice(0, OUTSIDE_HEAP_BYTES).slice(0, length);
}

function textIn(bytes: Buffer, start: number, end: number): string {
  const reader = bytes as unknown as TextReader;
  return end - start >= LONG_TEXT_BYTES && isAscii(bytes.subarray(start, end))
    ? reader.latin1Slice(start, end)
    : reader.utf8Slice(start, end);
}
