import { SlotwiseError, type SlotwiseErrorDetails } from './slotwise-error.js';

/** The caller asked for something that cannot be: nothing was sent. */
export abstract class UsageError extends SlotwiseError {
  static override readonly kind: string = 'UsageError';
}

/** One thing that is wrong with the options. */
export interface OptionProblem {
  /** Where, as a path: `commands.timeoutMs`, `seeds[1]`. */
  readonly path: string;
  /** What was expected and what was found. Never holds a secret. */
  readonly message: string;
}

/**
 * The options are not usable. Lists every problem at once.
 * @public
 */
export class InvalidOptionsError extends UsageError {
  static override readonly kind: string = 'InvalidOptionsError';
  readonly code = 'INVALID_OPTIONS';
  readonly problems: readonly OptionProblem[];

  constructor(problems: readonly OptionProblem[]) {
    const lines = problems.map((problem) => `${problem.path}: ${problem.message}`);
    super(lines.length === 1 ? `Invalid option ${lines[0]}` : `Invalid options:\n  ${lines.join('\n  ')}`);
    this.problems = problems;
  }
}

/**
 * An argument of a call has the wrong type, count or range. Nothing was sent.
 * @public
 */
export class InvalidArgumentError extends UsageError {
  static override readonly kind: string = 'InvalidArgumentError';
  readonly code = 'INVALID_ARGUMENT';
}

/**
 * The keys of one command lie in different slots, and the command cannot be split over them. Nothing was sent.
 * @public
 */
export class CrossSlotError extends UsageError {
  static override readonly kind: string = 'CrossSlotError';
  readonly code = 'CROSS_SLOT';
}

/**
 * The client is closed or closing. Nothing was sent.
 * @public
 */
export class ClientClosedError extends UsageError {
  static override readonly kind: string = 'ClientClosedError';
  readonly code = 'CLIENT_CLOSED';

  constructor(details?: SlotwiseErrorDetails) {
    super('The client is closed: create a new one', details);
  }
}

/**
 * An optional package that this feature needs is not installed. The message says which and how to install it.
 * @public
 */
export class MissingPeerError extends UsageError {
  static override readonly kind: string = 'MissingPeerError';
  readonly code = 'MISSING_PEER';
}
