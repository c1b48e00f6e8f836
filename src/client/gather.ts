import type { Executed, SlotwiseError } from '../errors/index.js';

/**
 * Collects the outcomes of the parts of one call. It waits for all of them, also after a failure, so that what it says
 * of the whole is true: the first error is told, with `executed` as the parts together have it.
 */
export class Gather {
  readonly #replies: unknown[];
  readonly #done: (replies: unknown[]) => void;
  readonly #failed: (error: SlotwiseError) => void;
  #missing: number;
  #isTouched = false;
  #error: SlotwiseError | undefined;

  constructor(parts: number, done: (replies: unknown[]) => void, failed: (error: SlotwiseError) => void) {
    this.#replies = new Array<unknown>(parts);
    this.#missing = parts;
    this.#done = done;
    this.#failed = failed;
  }

  succeeded(part: number, reply: unknown): void {
    this.#replies[part] = reply;
    this.#isTouched = true;
    this.#settle();
  }

  failed(error: SlotwiseError): void {
    this.#error ??= error;
    this.#isTouched ||= error.executed !== 'no';
    this.#settle();
  }

  #settle(): void {
    if (--this.#missing > 0) return;
    const error = this.#error;
    if (error === undefined) {
      this.#done(this.#replies);
      return;
    }
    // Nobody but us has seen the error of a part yet; of the whole, less is certain than of the part.
    if (this.#isTouched) (error as { executed: Executed }).executed = 'maybe';
    this.#failed(error);
  }
}
