import type { AttemptRecord, SlotwiseError } from '../errors/index.js';
import type { Timer } from '../support/index.js';

/** The memory of a call that needs more than one attempt, a deadline of its own, or a signal. */
export class Trouble {
  readonly attempts: AttemptRecord[] = [];
  redirects = 0;
  repetitions = 0;
  /** When the present attempt was sent, in the keeper's milliseconds. */
  sentAtMs: number | undefined = undefined;
  /** The next attempt must be paid for out of the retry budget. */
  owesToken = false;
  /** The link has been told to sign in anew for this call. */
  hasSignedInAnew = false;
  /** How many refreshes there had been when it was first sent to a node that no topology names. */
  strangerSince: number | undefined = undefined;
  /** An attempt was given up on whose outcome is unknown: of the whole call no less can be said. */
  mayHaveRun = false;
  /** Ends the wait before the next attempt. */
  wait: Timer | undefined = undefined;
  /** Why the call is waiting, for the error should its deadline come first. */
  waitingFor: SlotwiseError | undefined = undefined;
  /** Undone when the call ends. */
  readonly atEnd: Array<() => void> = [];

  end(): void {
    this.wait?.cancel();
    for (const undo of this.atEnd) undo();
  }
}
