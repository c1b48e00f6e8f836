import { SlotwiseError, type SlotwiseErrorDetails } from './slotwise-error.js';

/**
 * A node answered with an error. The message begins with the server's own words.
 * @public
 */
export class ReplyError extends SlotwiseError {
  static override readonly kind: string = 'ReplyError';
  readonly code = 'REPLY';
  /** First word of the server's error: `WRONGTYPE`, `ERR`, `OOM`. */
  readonly prefix: string;

  constructor(message: string, details?: SlotwiseErrorDetails) {
    super(message, details);
    const end = message.indexOf(' ');
    this.prefix = end === -1 ? message : message.slice(0, end);
  }
}

/** No node could be chosen, or the cluster kept sending the command elsewhere. */
export abstract class RoutingError extends SlotwiseError {
  static override readonly kind: string = 'RoutingError';
}

/**
 * No shard owns the slot. Nothing was executed.
 * @public
 */
export class SlotUncoveredError extends RoutingError {
  static override readonly kind: string = 'SlotUncoveredError';
  readonly code = 'SLOT_UNCOVERED';
}

/**
 * A shard is known, but none of its nodes could be used. The message gives the reason for each candidate.
 * @public
 */
export class NoUsableNodeError extends RoutingError {
  static override readonly kind: string = 'NoUsableNodeError';
  readonly code = 'NO_USABLE_NODE';
}

/**
 * More redirects than `commands.maxRedirects`, or a redirect that makes no sense.
 * @public
 */
export class RedirectLimitError extends RoutingError {
  static override readonly kind: string = 'RedirectLimitError';
  readonly code = 'REDIRECT_LIMIT';
}

/**
 * The call's deadline passed. `executed` is `'maybe'` when the bytes had left and the command is not known to be refused.
 * @public
 */
export class CommandTimeoutError extends SlotwiseError {
  static override readonly kind: string = 'CommandTimeoutError';
  readonly code = 'COMMAND_TIMEOUT';
}

/**
 * The call was given up through its `AbortSignal`; `cause` is the signal's reason. What was sent cannot be taken back.
 * @public
 */
export class CommandAbortedError extends SlotwiseError {
  static override readonly kind: string = 'CommandAbortedError';
  readonly code = 'COMMAND_ABORTED';
}

/** A bound of this client was hit. */
export abstract class OverloadError extends SlotwiseError {
  static override readonly kind: string = 'OverloadError';
}

/**
 * The queue of a node, or of a shard without a primary, is full. Nothing was sent.
 * @public
 */
export class QueueFullError extends OverloadError {
  static override readonly kind: string = 'QueueFullError';
  readonly code = 'QUEUE_FULL';
}

/**
 * The retry budget is used up: the cluster is failing faster than it may be asked again.
 * @public
 */
export class RetryBudgetError extends OverloadError {
  static override readonly kind: string = 'RetryBudgetError';
  readonly code = 'RETRY_BUDGET';
}

/**
 * Slotwise contradicts itself: a defect. Please report it.
 * @public
 */
export class InvariantError extends SlotwiseError {
  static override readonly kind: string = 'InvariantError';
  readonly code = 'INVARIANT';
}
