/** What a command's argument may be on its way to a node. Numbers and bigints travel as their decimal form. */
export type CommandArgument = string | number | bigint | Uint8Array;

/** Bytes of the first slab, in which small requests are gathered: what an idle link holds. */
const FIRST_SLAB_BYTES = 2 * 1024;
/** Every further slab is twice as large as the one before, up to this. */
const MAX_SLAB_BYTES = 64 * 1024;
/** An argument of at least this size travels as a chunk of its own, so that it is never copied into a slab. */
const LARGE_ARGUMENT_BYTES = 8 * 1024;
/** Up to this length a loop over characters beats the call into native code. */
const SHORT_STRING_LENGTH = 48;
/** `$` + 10 digits + CR LF, twice: room for an argument's frame. */
const FRAME_BYTES = 32;

const CR = 13;
const LF = 10;
const DOLLAR = 36;
const ZERO = 48;

/**
 * Gathers encoded requests of one tick into as few chunks as possible.
 *
 * Small arguments are encoded straight into a slab that is never reused, so what `take` gave away stays as it is for
 * as long as the socket needs it; large Buffers are passed on untouched, large strings are encoded once.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server
 */
export class RequestWriter {
  #slab: Buffer = Buffer.allocUnsafeSlow(FIRST_SLAB_BYTES);
  #start = 0;
  #end = 0;
  #chunks: Uint8Array[] = [];

  /**
   * Adds one request.
   *
   * @param head - the frame's beginning up to and including the command's name: see {@link requestHead}
   * @returns the index of the first argument that cannot be sent, when there is one; then nothing was added. -1 else.
   */
  append(head: Uint8Array, args: readonly unknown[]): number {
    const startBefore = this.#start;
    const endBefore = this.#end;
    const chunksBefore = this.#chunks.length;
    const slabBefore = this.#slab;
    this.#reserve(head.length);
    let at = this.#end;
    const slab = this.#slab;
    for (let i = 0; i < head.length; i++) slab[at++] = head[i]!;
    this.#end = at;
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      if (typeof arg === 'string') this.#appendString(arg);
      else if (typeof arg === 'number' && arg === arg) this.#appendString(String(arg));
      else if (arg instanceof Uint8Array) this.#appendBytes(arg);
      else if (typeof arg === 'bigint') this.#appendString(String(arg));
      else {
        this.#start = startBefore;
        this.#end = endBefore;
        this.#chunks.length = chunksBefore;
        this.#slab = slabBefore;
        return i;
      }
    }
    return -1;
  }

  /** Gives away what was gathered, in order, and begins anew. */
  take(): readonly Uint8Array[] {
    this.#seal();
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  #appendString(text: string): void {
    const length = text.length;
    if (length > SHORT_STRING_LENGTH) {
      if (length >= LARGE_ARGUMENT_BYTES) this.#appendChunk(Buffer.from(text, 'utf8'));
      else this.#appendLongString(text);
      return;
    }
    this.#reserve(length * 3 + FRAME_BYTES);
    const slab = this.#slab;
    let at = this.#end;
    slab[at++] = DOLLAR;
    at = writeDecimal(slab, at, length);
    slab[at++] = CR;
    slab[at++] = LF;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        this.#appendLongString(text);
        return;
      }
      slab[at++] = code;
    }
    slab[at++] = CR;
    slab[at++] = LF;
    this.#end = at;
  }

  #appendLongString(text: string): void {
    this.#reserve(text.length * 3 + FRAME_BYTES);
    const slab = this.#slab;
    const frameAt = this.#end;
    // Most text is ASCII: write it where it belongs if it is, and only else where it turned out to belong.
    let at = writeFrame(slab, frameAt, text.length);
    const bytes = utf8Write(slab, text, at);
    if (bytes !== text.length) {
      const shifted = writeFrame(slab, frameAt, bytes);
      if (shifted !== at) utf8Write(slab, text, shifted);
      at = shifted;
    }
    at += bytes;
    slab[at++] = CR;
    slab[at++] = LF;
    this.#end = at;
  }

  #appendBytes(bytes: Uint8Array): void {
    if (bytes.length >= LARGE_ARGUMENT_BYTES) {
      this.#appendChunk(bytes);
      return;
    }
    this.#reserve(bytes.length + FRAME_BYTES);
    let at = writeFrame(this.#slab, this.#end, bytes.length);
    this.#slab.set(bytes, at);
    at += bytes.length;
    this.#slab[at++] = CR;
    this.#slab[at++] = LF;
    this.#end = at;
  }

  #appendChunk(bytes: Uint8Array): void {
    this.#reserve(FRAME_BYTES);
    this.#end = writeFrame(this.#slab, this.#end, bytes.length);
    this.#seal();
    this.#chunks.push(bytes);
    this.#reserve(FRAME_BYTES);
    this.#slab[this.#end++] = CR;
    this.#slab[this.#end++] = LF;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#slab.length) return;
    this.#seal();
    const doubled = Math.min(MAX_SLAB_BYTES, this.#slab.length * 2);
    this.#slab = Buffer.allocUnsafeSlow(Math.max(doubled, bytes));
    this.#start = 0;
    this.#end = 0;
  }

  #seal(): void {
    if (this.#end > this.#start) this.#chunks.push(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}

/** The beginning of a request's frame: how many parts follow, and the command's name words. */
export function requestHead(words: readonly string[], argumentCount: number): Uint8Array {
  const parts = words.map((word) => `$${word.length}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length + argumentCount}\r\n${parts.join('')}`, 'latin1');
}

function writeFrame(slab: Uint8Array, at: number, length: number): number {
  slab[at++] = DOLLAR;
  at = writeDecimal(slab, at, length);
  slab[at++] = CR;
  slab[at++] = LF;
  return at;
}

function writeDecimal(slab: Uint8Array, at: number, value: number): number {
  if (value < 10) {
    slab[at] = ZERO + value;
    return at + 1;
  }
  let width = 1;
  for (let rest = value; rest >= 10; rest = (rest / 10) | 0) width++;
  let rest = value;
  for (let i = at + width - 1; i >= at; i--) {
    const shorter = (rest / 10) | 0;
    slab[i] = ZERO + rest - shorter * 10;
    rest = shorter;
  }
  return at + width;
}

function utf8Write(slab: Buffer, text: string, at: number): number {
  return (slab as unknown as Utf8Writer).utf8Write(text, at, slab.length - at);
}

/** Node's own primitive under `write(text, offset, length, 'utf8')`, without its argument checks. */
interface Utf8Writer {
  utf8Write(text: string, offset: number, length: number): number;
}
