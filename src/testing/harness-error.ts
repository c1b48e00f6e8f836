import { SlotwiseError } from '../errors/index.js';

/**
 * The harness could not do what it was asked to: no server was found, a process died, or the cluster did not come to
 * agree in time. The message says what was waited for, what was last seen, and how a dead process took its leave.
 * @public
 */
export class HarnessError extends SlotwiseError {
  static override readonly kind: string = 'HarnessError';
  readonly code = 'HARNESS';
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
