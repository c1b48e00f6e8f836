/** Whether a command's effect may have taken place on a server. */
export type Executed = 'no' | 'maybe' | 'yes';

/** One send of a command to one node, as it ended. */
export interface AttemptRecord {
  /** Address of the node, `host:port`. */
  readonly node: string;
  /** How it ended, in a word or two: `MOVED`, `link lost`, `timed out`. */
  readonly outcome: string;
  readonly durationMs: number;
}

/** What every {@link SlotwiseError} can be given. */
export interface SlotwiseErrorDetails {
  readonly cause?: unknown;
  /** @defaultValue `[]` */
  readonly attempts?: readonly AttemptRecord[];
  /** @defaultValue `'no'` */
  readonly executed?: Executed;
  /** @defaultValue `false` */
  readonly retryable?: boolean;
}

/**
 * The root of every error that Slotwise throws.
 *
 * A message names the node, the slot and the limit that was hit; it never holds a key, a value or a secret.
 * `instanceof` works across the ESM and the CJS copy of the package in one process.
 *
 * @public
 */
export abstract class SlotwiseError extends Error {
  /** The class's name, safe from minifiers; what `instanceof` compares. */
  static readonly kind: string = 'SlotwiseError';

  /** Stable, upper case, unique per class. */
  abstract readonly code: string;
  /** Every attempt that was made before this error, oldest first. */
  readonly attempts: readonly AttemptRecord[];
  /** Whether the command may have taken effect. Only `'no'` makes a repetition of a write certainly safe. */
  readonly executed: Executed;
  /** Whether the same call may succeed later without a change by the caller. */
  readonly retryable: boolean;

  constructor(message: string, details: SlotwiseErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.attempts = details.attempts ?? [];
    this.executed = details.executed ?? 'no';
    this.retryable = details.retryable ?? false;
  }

  override get name(): string {
    return (this.constructor as typeof SlotwiseError).kind;
  }

  /** True for instances of this class from any copy of the package: kinds are compared, not constructors. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    if (!Object.hasOwn(this, 'kind')) return false;
    let constructor: unknown = value.constructor;
    while (typeof constructor === 'function') {
      if ((constructor as { kind?: unknown }).kind === this.kind) return true;
      constructor = Object.getPrototypeOf(constructor);
    }
    return false;
  }
}
