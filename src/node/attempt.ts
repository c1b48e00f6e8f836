import type { Executed } from '../errors/index.js';
import type { RequestWriter } from '../commands/index.js';

/** How an attempt ended without a usable reply. */
export type AttemptFailure =
  /** The node answered with an error: `message` is the server's own words. */
  | { readonly kind: 'reply'; readonly message: string }
  /** The link could not be opened, or was lost. `executed` is `'no'` unless bytes of the attempt had left. */
  | { readonly kind: 'link'; readonly executed: Executed; readonly error: Error }
  /** Nothing was sent, because a bound or the caller's arguments forbid it. */
  | { readonly kind: 'refused'; readonly error: Error };

/** What an attempt needs of the place it is sent from. */
export interface AttemptCarrier {
  /** Called once for every attempt that was sent, when its reply has come or can no longer come. */
  answered(): void;
  /** Whether bytes of the batch with this number have been handed to the socket. */
  hasFlushed(batch: number): boolean;
}

/** No batch has such a number: an attempt whose bytes were never encoded has certainly not left. */
export const NOT_BATCHED = 0x3fff_ffff;

/**
 * One send of a command to one node; at the same time the lean object that ioredis keeps in its queue of unanswered
 * commands. An ioredis `Command` costs more to construct than its bytes cost to send, hence this one: it has just the
 * members that `Redis#sendCommand` and the reply handler touch (kept honest by a contract test).
 *
 * ioredis is told nothing about the command: its `name` is empty and it has no arguments, so neither its debug output
 * nor its errors can hold a key or a value, and none of its special cases applies.
 */
export abstract class Attempt {
  /** The link that carries this attempt, once it was sent. */
  carrier: AttemptCarrier | undefined = undefined;
  /** Number of the batch that holds this attempt's bytes. */
  batch: number = NOT_BATCHED;
  /** Sent right before this one, in the same write: ASKING. */
  prelude: Attempt | undefined = undefined;
  /** No outcome is of interest any more: a late reply is only counted. */
  settled = false;

  /** Encodes the request. Throws, and adds nothing, when an argument cannot be sent. */
  abstract encode(writer: RequestWriter): void;
  /** The node's reply, as the decoder gives it: Buffers, numbers, null, nested arrays. Called at most once. */
  protected abstract succeeded(reply: unknown): void;
  /** There will be no usable reply. Called at most once. */
  abstract failed(failure: AttemptFailure): void;

  /** @internal ioredis: the reply. */
  resolve(reply: unknown): void {
    this.carrier!.answered();
    if (this.settled) return;
    this.succeeded(reply);
  }

  /** @internal ioredis: an error reply, or the end of the connection. */
  reject(error: Error): void {
    const carrier = this.carrier!;
    carrier.answered();
    if (this.settled) return;
    if (isErrorReply(error)) this.failed({ kind: 'reply', message: error.message });
    else this.failed({ kind: 'link', executed: carrier.hasFlushed(this.batch) ? 'maybe' : 'no', error });
  }

  /** @internal ioredis: nothing to set, replies are shaped by us. */
  setReplyContext(): void {}

  /** @internal ioredis writes what this returns to the batch, which knows how to encode an attempt. */
  toWritable(): this {
    return this;
  }
}

/** The part of an attempt that is the same for all, kept off the instances. */
interface AttemptConstants {
  readonly name: string;
  readonly args: readonly never[];
  readonly promise: undefined;
  /** Keeps ioredis from building a trace context per command. */
  readonly isTraced: true;
}

const constants: AttemptConstants = { name: '', args: [], promise: undefined, isTraced: true };
Object.assign(Attempt.prototype, constants);

/** ioredis names every error reply so; a lost connection is a plain `Error`. */
function isErrorReply(error: Error): boolean {
  return error.name === 'ReplyError';
}
