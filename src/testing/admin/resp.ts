/** What a server answers, in RESP2. Bulk strings stay bytes: keys need not be text. */
export type Reply = Buffer | string | number | null | RefusedReply | Reply[];

/** An error reply, as a value: inside an array it concerns one element only. */
export interface RefusedReply {
  readonly refused: string;
}

/** One argument of a command. */
export type Argument = string | number | Buffer;

export function encodeCommand(args: readonly Argument[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}

/** True for an error reply. */
export function isRefused(reply: Reply): reply is RefusedReply {
  return typeof reply === 'object' && reply !== null && 'refused' in reply;
}

/** Takes complete replies out of a stream of bytes. */
export class ReplyParser {
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;

  /** @returns the replies that these bytes complete */
  push(bytes: Buffer): Reply[] {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    const replies: Reply[] = [];
    for (;;) {
      this.#at = 0;
      const reply = this.#read();
      if (reply === undefined) return replies;
      this.#buffer = this.#buffer.subarray(this.#at);
      replies.push(reply);
    }
  }

  /** Undefined when the reply is not complete yet. */
  #read(): Reply | undefined {
    const end = this.#buffer.indexOf('\r\n', this.#at);
    if (end === -1) return undefined;
    const type = String.fromCharCode(this.#buffer[this.#at] ?? 0);
    const line = this.#buffer.toString('utf8', this.#at + 1, end);
    this.#at = end + 2;
    if (type === '+') return line;
    if (type === '-') return { refused: line };
    const size = Number(line);
    if (type === ':') return size;
    if (size === -1) return null;
    if (type === '$') return this.#bulk(size);
    if (type === '*') return this.#array(size);
    throw new RangeError(`No RESP2 reply begins with ${JSON.stringify(type)}`);
  }

  #bulk(size: number): Buffer | undefined {
    const start = this.#at;
    if (this.#buffer.length < start + size + 2) return undefined;
    this.#at += size + 2;
    return this.#buffer.subarray(start, start + size);
  }

  #array(size: number): Reply[] | undefined {
    const items: Reply[] = [];
    while (items.length < size) {
      const item = this.#read();
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }
}
