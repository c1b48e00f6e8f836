import { Queue } from '../../support/index.js';
import { FrameScanner } from './frame-scanner.js';
import type { Answer } from './frozen-topology.js';
import type { ReplyFaults } from './reply-faults.js';

/** Where a dialogue's bytes go. */
export interface DialogueEnds {
  /** @returns false when the server takes no more for now */
  toServer(bytes: Buffer): boolean;
  toClient(bytes: Buffer): void;
  /** The connection is to be closed behind what was sent to the client. */
  close(): void;
  /** A command came. */
  sawCommand(name: string): void;
}

interface Pending {
  readonly name: string;
  /** What is answered in the server's place. */
  readonly answer: Answer | undefined;
}

/**
 * After these, replies no longer come one for each command: they pass without being told apart, and no command is
 * answered here any more.
 */
const UNPAIRED: ReadonlySet<string> = new Set([
  'SUBSCRIBE',
  'PSUBSCRIBE',
  'SSUBSCRIBE',
  'MONITOR',
  'SYNC',
  'PSYNC',
  'CLIENT REPLY',
]);

/** One connection's commands and replies, paired by their order, with the faults that a server would show. */
export class Dialogue {
  readonly #faults: ReplyFaults;
  readonly #ends: DialogueEnds;
  readonly #requests = new FrameScanner('requests');
  readonly #replies = new FrameScanner('replies');
  /** Commands without a reply yet. As many as the client has under way. */
  readonly #pending: Queue<Pending> = new Queue();
  #isPaired = true;
  #isResp3 = false;
  #isClosed = false;
  /** Whether the present request is kept from the server. */
  #isAnsweredHere = false;
  /** A reply has begun and not ended. */
  #isMidReply = false;
  /** The present reply belongs to a command. */
  #isOfCommand = false;
  #isDropped = false;
  /** Bytes of the present reply that may pass before the connection is closed. */
  #bytesLeft = Number.POSITIVE_INFINITY;

  constructor(faults: ReplyFaults, ends: DialogueEnds) {
    this.#faults = faults;
    this.#ends = ends;
  }

  /** Bytes from the client. @returns false when the server takes no more for now */
  request(bytes: Buffer): boolean {
    if (this.#isClosed) return true;
    const run = new Run((piece) => this.#ends.toServer(piece));
    this.#requests.push(bytes, (buffer, from, to, head) => {
      if (head) this.#isAnsweredHere = this.#answer(head.text);
      if (!this.#isAnsweredHere) run.add(buffer, from, to);
    });
    return run.end();
  }

  /** Bytes from the server. */
  reply(bytes: Buffer): void {
    const run = new Run((piece) => {
      this.#ends.toClient(piece);
      return true;
    });
    this.#replies.push(bytes, (buffer, from, to, head, isLast) => {
      if (this.#isClosed) return;
      if (head && !this.#begin(head.type, head.text, run)) return this.#close(run);
      const passed = Math.min(to - from, this.#bytesLeft);
      this.#bytesLeft -= passed;
      if (passed > 0 && !this.#isDropped) run.add(buffer, from, from + passed);
      if (this.#bytesLeft === 0 || (isLast && this.#bytesLeft < Infinity)) return this.#close(run);
      if (isLast) this.#completed(run);
    });
    run.end();
  }

  /** @returns true when the command is not passed on */
  #answer(name: string): boolean {
    if (name === '') return false;
    this.#ends.sawCommand(name);
    if (!this.#isPaired) return false;
    const answer = this.#faults.answerTo(name);
    if (answer === undefined && UNPAIRED.has(name)) {
      this.#isPaired = false;
      return false;
    }
    if (answer !== undefined && this.#pending.size === 0 && !this.#isMidReply)
      this.#ends.toClient(answer(this.#isResp3));
    else this.#pending.push({ name, answer });
    return answer !== undefined;
  }

  /** Judges a reply by its beginning. @returns false when the connection is to be closed in its place */
  #begin(type: string, line: string, run: Run): boolean {
    this.#isMidReply = true;
    this.#isOfCommand = type !== '>' && this.#pending.size > 0;
    this.#isDropped = false;
    const name = this.#isOfCommand ? (this.#pending.at(0) as Pending).name : '';
    if (name === 'HELLO' && type !== '-') this.#isResp3 = type === '%';
    if (this.#faults.closesOnReplicaWrite && line.startsWith('-READONLY')) return false;
    const fault = this.#faults.faultOf(name);
    if (fault?.kind === 'cut') {
      this.#bytesLeft = fault.afterBytes;
      return fault.afterBytes > 0;
    }
    if (fault?.kind === 'garbage') {
      this.#isDropped = true;
      run.insert(fault.bytes);
    }
    return true;
  }

  /** A reply is through: what was answered here meanwhile has its turn. */
  #completed(run: Run): void {
    this.#isMidReply = false;
    if (this.#isOfCommand) this.#pending.shift();
    for (let next = this.#pending.at(0); next?.answer !== undefined; next = this.#pending.at(0)) {
      this.#pending.shift();
      run.insert(next.answer(this.#isResp3));
    }
  }

  #close(run: Run): void {
    this.#isClosed = true;
    run.end();
    this.#ends.close();
  }
}

/** A connection whose bytes cannot be read, as with TLS: it can be cut, but not at a known place. */
export class UnreadDialogue {
  readonly #faults: ReplyFaults;
  readonly #ends: DialogueEnds;
  #bytesLeft = Number.POSITIVE_INFINITY;

  constructor(faults: ReplyFaults, ends: DialogueEnds) {
    this.#faults = faults;
    this.#ends = ends;
  }

  request(bytes: Buffer): boolean {
    return this.#bytesLeft > 0 && this.#ends.toServer(bytes);
  }

  reply(bytes: Buffer): void {
    if (this.#bytesLeft === 0) return;
    if (this.#bytesLeft === Infinity) this.#bytesLeft = this.#faults.anyCut()?.afterBytes ?? Infinity;
    const passed = Math.min(bytes.length, this.#bytesLeft);
    this.#bytesLeft -= passed;
    if (passed > 0) this.#ends.toClient(bytes.subarray(0, passed));
    if (this.#bytesLeft === 0) this.#ends.close();
  }
}

/** Writes pieces that lie side by side in one buffer as one. */
class Run {
  readonly #write: (bytes: Buffer) => boolean;
  #buffer: Buffer | undefined;
  #from = 0;
  #to = 0;
  #isTaken = true;

  constructor(write: (bytes: Buffer) => boolean) {
    this.#write = write;
  }

  add(buffer: Buffer, from: number, to: number): void {
    if (this.#buffer === buffer && this.#to === from) {
      this.#to = to;
      return;
    }
    this.#flush();
    this.#buffer = buffer;
    this.#from = from;
    this.#to = to;
  }

  insert(bytes: Buffer): void {
    this.#flush();
    this.#isTaken = this.#write(bytes);
  }

  /** @returns whether more would be taken */
  end(): boolean {
    this.#flush();
    return this.#isTaken;
  }

  #flush(): void {
    if (!this.#buffer) return;
    const bytes = this.#buffer.subarray(this.#from, this.#to);
    this.#buffer = undefined;
    this.#isTaken = this.#write(bytes);
  }
}
