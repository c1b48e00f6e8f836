import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

const CR = 13;
const DOLLAR = 36;
const MINUS = 45;

/** Bytes taken from the socket at once. */
const READ_BYTES = 256 * 1024;

/** Answered entries are dropped from the front of the queue once there are this many. */
const MAX_ANSWERED_HELD = 4096;

interface Waiter {
  readonly resolve: (reply: string | null) => void;
  readonly reject: (error: Error) => void;
}

/** Encodes a command of ASCII arguments. */
export function encode(...args: readonly string[]): string {
  let text = `*${args.length}\r\n`;
  for (const arg of args) text += `$${arg.length}\r\n${arg}\r\n`;
  return text;
}

/**
 * As little as a client can do: one socket, what was asked in one tick in one write, replies in order.
 * It knows strings, numbers and errors; no arrays, no timeouts, no reconnect.
 */
export class BareLink {
  readonly #socket: Socket;
  #waiters: Waiter[] = [];
  #answered = 0;
  #outgoing = '';
  #held: Buffer = Buffer.allocUnsafe(READ_BYTES);
  #heldBytes = 0;
  #neededBytes = 0;
  readonly #flush = (): void => {
    const outgoing = this.#outgoing;
    this.#outgoing = '';
    this.#socket.write(outgoing, 'latin1');
  };

  /** Resolves when connected. */
  static async open(host: string, port: number): Promise<BareLink> {
    const link = new BareLink(host, port);
    await once(link.#socket, 'connect');
    return link;
  }

  private constructor(host: string, port: number) {
    const onread = {
      buffer: Buffer.allocUnsafe(READ_BYTES),
      callback: (size: number, buffer: Uint8Array): boolean => {
        this.#read(buffer as Buffer, size);
        return true;
      },
    };
    this.#socket = connect({ host, port, noDelay: true, onread });
    this.#socket.on('close', () => this.#fail(new Error('the socket was closed')));
    this.#socket.on('error', (error) => this.#fail(error));
  }

  /** Sends an encoded command. @throws Error with the server's words when it answers with an error. */
  send(request: string): Promise<string | null> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      if (this.#outgoing === '') process.nextTick(this.#flush);
      this.#outgoing += request;
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Takes what came; what is not yet a whole reply is held until the rest has come. */
  #read(fresh: Buffer, freshBytes: number): void {
    if (this.#heldBytes === 0) {
      const used = this.#parse(fresh, freshBytes);
      if (used < freshBytes) this.#hold(fresh, used, freshBytes);
      return;
    }
    this.#hold(fresh, 0, freshBytes);
    if (this.#heldBytes < this.#neededBytes) return;
    const used = this.#parse(this.#held, this.#heldBytes);
    this.#held.copyWithin(0, used, this.#heldBytes);
    this.#heldBytes -= used;
  }

  /** Answers whole replies and returns how many bytes they took. */
  #parse(chunk: Buffer, size: number): number {
    let at = 0;
    while (at < size) {
      const lineEnd = chunk.indexOf(CR, at);
      if (lineEnd === -1 || lineEnd + 2 > size) {
        this.#neededBytes = size - at + 1;
        return at;
      }
      const kind = chunk[at];
      if (kind === DOLLAR && chunk[at + 1] !== MINUS) {
        let length = 0;
        for (let digit = at + 1; digit < lineEnd; digit++) length = length * 10 + chunk[digit]! - 48;
        const end = lineEnd + 2 + length;
        if (end + 2 > size) {
          this.#neededBytes = end + 2 - at;
          return at;
        }
        this.#next().resolve(chunk.toString('latin1', lineEnd + 2, end));
        at = end + 2;
      } else {
        const line = chunk.toString('latin1', at + 1, lineEnd);
        if (kind === MINUS) this.#next().reject(new Error(line));
        else this.#next().resolve(kind === DOLLAR ? null : line);
        at = lineEnd + 2;
      }
    }
    return at;
  }

  #hold(chunk: Buffer, from: number, to: number): void {
    const bytes = this.#heldBytes + to - from;
    if (bytes > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, this.#neededBytes, 2 * this.#held.length));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldBytes, from, to);
    this.#heldBytes = bytes;
  }

  #next(): Waiter {
    if (this.#answered === MAX_ANSWERED_HELD) {
      this.#waiters.splice(0, this.#answered);
      this.#answered = 0;
    }
    return this.#waiters[this.#answered++]!;
  }

  #fail(error: Error): void {
    const waiters = this.#waiters.slice(this.#answered);
    this.#waiters = [];
    this.#answered = 0;
    for (const waiter of waiters) waiter.reject(error);
  }
}
