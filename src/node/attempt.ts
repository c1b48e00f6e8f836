import type { RequestWriter } from '../commands/index.js';
import type { Executed } from '../errors/index.js';

/** How an attempt ended without a usable reply. */
export type AttemptFailure =
  /** The node answered with an error: `message` is the server's own words. */
  | { readonly kind: 'reply'; readonly message: string }
  /** The link could not be opened, or was lost. `executed` is `'no'` unless bytes of the attempt had left. */
  | { readonly kind: 'link'; readonly executed: Executed; readonly error: Error }
  /** Nothing was sent, because a bound or the caller's arguments forbid it. */
  | { readonly kind: 'refused'; readonly error: Error };

/** What can tell whether bytes of an attempt have left. */
export interface AttemptCarrier {
  /** Whether the batch with this number has been handed to the socket. */
  hasFlushed(batch: number): boolean;
  /** Takes back an attempt that has been given up. @returns whether that was in time: nothing of it will leave */
  withdraw(attempt: Attempt): boolean;
}

/** No batch has such a number: an attempt whose bytes were never encoded has certainly not left. */
export const NOT_BATCHED = 0x3fff_ffff;

/** One send of a command to one node. The object itself waits in its link's queue for the reply. */
export abstract class Attempt {
  /** The link that carries this attempt, once it was sent. What an earlier one still answers is ignored. */
  carrier: AttemptCarrier | undefined = undefined;
  /** Number of the batch that holds this attempt's bytes. */
  batch: number = NOT_BATCHED;
  /** Sent right before this one, in the same write: ASKING. */
  prelude: Attempt | undefined = undefined;
  /** No outcome is of interest any more: a late reply is ignored. */
  settled = false;
  /** Whether strings of the reply are wanted as text; as Buffers else. */
  readonly wantsText: boolean;

  constructor(wantsText: boolean) {
    this.wantsText = wantsText;
  }

  /** Encodes the request. Throws, and adds nothing, when an argument cannot be sent. */
  abstract encode(writer: RequestWriter): void;
  /** The node's reply. Not called once the attempt is settled. */
  abstract succeeded(reply: unknown): void;
  /** There will be no usable reply. Not called once the attempt is settled. */
  abstract failed(failure: AttemptFailure): void;
}
