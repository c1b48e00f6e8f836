/** What is known of a frame as soon as its first bytes are there. */
export interface FrameHead {
  /** The type byte: `*`, `+`, `-`, `$` ... */
  readonly type: string;
  /** Requests: the command's name, `GET` or `CLUSTER SHARDS`; empty for an empty request. Replies: the first line. */
  readonly text: string;
}

/** Told of each piece of a frame, in order. */
export type PieceVisitor = (
  buffer: Buffer,
  from: number,
  to: number,
  /** Given with a frame's first piece. */
  head: FrameHead | undefined,
  /** Whether this is its last piece. */
  isLast: boolean,
) => void;

/** A first line longer than this is judged by its beginning; a name longer than this is no name of a command. */
const MAX_LINE_BYTES = 512;
const MAX_NAME_BYTES = 64;
/** A line within a frame: the sizes are all that matters of it. */
const MAX_SIZE_LINE_CHARS = 32;

const LF = 0x0a;

/** Commands that are several in one: their subcommand is part of the name. */
const CONTAINERS: ReadonlySet<string> = new Set(
  `ACL CLIENT CLUSTER COMMAND CONFIG DEBUG FUNCTION LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT SLOWLOG XGROUP XINFO`.split(
    ' ',
  ),
);

/**
 * Finds where requests or replies (RESP2 and RESP3) begin and end in a stream of bytes, without keeping them. Bytes of
 * a frame whose head is not complete are held back until it is, a few hundred at most.
 */
export class FrameScanner {
  readonly #readHead: (buffer: Buffer, at: number) => FrameHead | undefined;
  #held: Buffer | undefined;
  /** Values of the present frame that are still to come; 0 between two frames. */
  #valuesLeft = 0;
  #bytesToSkip = 0;
  /** The beginning of a line that is not complete yet. */
  #line = '';
  /** What came is no RESP: from here on bytes pass unread. */
  #isLost = false;

  constructor(kind: 'requests' | 'replies') {
    this.#readHead = kind === 'requests' ? requestHead : replyHead;
  }

  push(bytes: Buffer, visit: PieceVisitor): void {
    const buffer = this.#held ? Buffer.concat([this.#held, bytes]) : bytes;
    this.#held = undefined;
    let at = 0;
    while (at < buffer.length) {
      if (this.#isLost) {
        visit(buffer, at, buffer.length, undefined, false);
        return;
      }
      const from = at;
      let head: FrameHead | undefined;
      if (this.#valuesLeft === 0) {
        head = this.#readHead(buffer, at);
        if (!head) {
          this.#held = buffer.subarray(at);
          return;
        }
        this.#valuesLeft = 1;
      }
      at = this.#readOn(buffer, at);
      visit(buffer, from, at, head, this.#valuesLeft === 0);
    }
  }

  /** Reads to the end of the frame, or of the bytes; returns where that is. */
  #readOn(buffer: Buffer, start: number): number {
    let at = start;
    while (at < buffer.length && !this.#isLost) {
      if (this.#bytesToSkip > 0) {
        const skipped = Math.min(this.#bytesToSkip, buffer.length - at);
        this.#bytesToSkip -= skipped;
        at += skipped;
        // The value counts as read when its last byte is.
        if (this.#bytesToSkip === 0) this.#valuesLeft--;
      } else {
        const end = buffer.indexOf(LF, at);
        const to = end === -1 ? buffer.length : end + 1;
        if (this.#line.length < MAX_SIZE_LINE_CHARS) {
          this.#line += buffer.toString('latin1', at, Math.min(to, at + MAX_SIZE_LINE_CHARS));
        }
        at = to;
        if (end === -1) break;
        this.#takeLine(this.#line);
        this.#line = '';
      }
      if (this.#valuesLeft === 0) break;
    }
    return at;
  }

  #takeLine(line: string): void {
    const type = line[0];
    if (type === '$' || type === '=' || type === '!') {
      const size = this.#sizeOf(line);
      if (size < 0) this.#valuesLeft--;
      else this.#bytesToSkip = size + 2;
    } else if (type === '*' || type === '~' || type === '>') {
      this.#valuesLeft += Math.max(this.#sizeOf(line), 0) - 1;
    } else if (type === '%') this.#valuesLeft += 2 * this.#sizeOf(line) - 1;
    // An attribute is no value: the one it belongs to follows.
    else if (type === '|') this.#valuesLeft += 2 * this.#sizeOf(line);
    else this.#valuesLeft--;
  }

  #sizeOf(line: string): number {
    const size = Number.parseInt(line.slice(1), 10);
    if (Number.isNaN(size)) this.#isLost = true;
    return size;
  }
}

function replyHead(buffer: Buffer, at: number): FrameHead | undefined {
  const line = firstLine(buffer, at);
  return line === undefined ? undefined : { type: line[0] as string, text: line };
}

/** Undefined when it is not complete. Without its line break. */
function firstLine(buffer: Buffer, at: number): string | undefined {
  const end = buffer.indexOf(LF, at);
  if (end === -1 && buffer.length - at < MAX_LINE_BYTES) return undefined;
  const to = Math.min(end === -1 ? buffer.length : end, at + MAX_LINE_BYTES);
  return buffer.toString('latin1', at, to).trimEnd() || '\n';
}

function requestHead(buffer: Buffer, at: number): FrameHead | undefined {
  const line = firstLine(buffer, at);
  if (line === undefined) return undefined;
  if (line[0] !== '*') return { type: 'inline', text: inlineName(line) };
  const arity = Number.parseInt(line.slice(1), 10);
  if (!(arity > 0)) return { type: '*', text: '' };
  const name = wordAt(buffer, buffer.indexOf(LF, at) + 1);
  if (name === undefined) return undefined;
  if (arity === 1 || !CONTAINERS.has(name.text)) return { type: '*', text: name.text };
  const subcommand = wordAt(buffer, name.end);
  return subcommand && { type: '*', text: `${name.text} ${subcommand.text}` };
}

/** Commands without RESP around them, as one types them into telnet. */
function inlineName(line: string): string {
  const [name = '', subcommand] = line.trim().toUpperCase().split(/\s+/);
  return CONTAINERS.has(name) && subcommand !== undefined ? `${name} ${subcommand}` : name;
}

/** A bulk string as an upper-case word; undefined when it is not complete. */
function wordAt(buffer: Buffer, at: number): { text: string; end: number } | undefined {
  const lineEnd = buffer.indexOf(LF, at);
  if (lineEnd === -1) return undefined;
  const size = Number.parseInt(
    buffer.toString('latin1', at + 1, Math.min(lineEnd, at + MAX_SIZE_LINE_CHARS)),
    10,
  );
  if (!(size >= 0 && size <= MAX_NAME_BYTES)) return { text: '?', end: lineEnd + 1 };
  const end = lineEnd + 1 + size;
  if (buffer.length < end) return undefined;
  return { text: buffer.toString('latin1', lineEnd + 1, end).toUpperCase(), end: end + 2 };
}
