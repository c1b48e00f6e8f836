import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

const CR = 13;
const DOLLAR = 36;
const MINUS = 45;

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
  #held: Buffer[] = [];
  #heldBytes = 0;
  #neededBytes = 0;
  readonly #flush = (): void => {
    const outgoing = this.#outgoing;
    this.#outgoing = '';
    this.#socket.write(outgoing, 'latin1');
  };

  static async open(host: string, port: number): Promise<BareLink> {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    return new BareLink(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('close', () => this.#fail(new Error('the socket was closed')));
    // 'close' follows and tells the waiters.
    socket.on('error', (error) => this.#fail(error));
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

  #read(fresh: Buffer): void {
    let chunk = fresh;
    if (this.#heldBytes > 0) {
      this.#hold(fresh, this.#neededBytes);
      if (this.#heldBytes < this.#neededBytes) return;
      chunk = Buffer.concat(this.#held, this.#heldBytes);
      this.#held = [];
      this.#heldBytes = 0;
    }
    let at = 0;
    while (at < chunk.length) {
      const lineEnd = chunk.indexOf(CR, at);
      if (lineEnd === -1 || lineEnd + 2 > chunk.length)
        return this.#hold(chunk.subarray(at), chunk.length - at + 1);
      const kind = chunk[at];
      if (kind === DOLLAR && chunk[at + 1] !== MINUS) {
        let size = 0;
        for (let digit = at + 1; digit < lineEnd; digit++) size = size * 10 + chunk[digit]! - 48;
        const end = lineEnd + 2 + size;
        if (end + 2 > chunk.length) return this.#hold(chunk.subarray(at), end + 2 - at);
        this.#next().resolve(chunk.toString('latin1', lineEnd + 2, end));
        at = end + 2;
      } else {
        const line = chunk.toString('latin1', at + 1, lineEnd);
        if (kind === MINUS) this.#next().reject(new Error(line));
        else this.#next().resolve(kind === DOLLAR ? null : line);
        at = lineEnd + 2;
      }
    }
  }

  #hold(part: Buffer, neededBytes: number): void {
    this.#held.push(part);
    this.#heldBytes += part.length;
    this.#neededBytes = neededBytes;
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
