import { ReplyError } from '../errors/index.js';
import { InternalAttempt } from './internal-attempt.js';
import type { Link } from './link.js';

/** What a silent node says on another socket. */
export type ProbeResult =
  /** It answers: only the link is silent. */
  | 'answers'
  /** A script or function keeps it busy, it says: it will answer when that is over. */
  | 'busy';

/** How a probe opens its link. */
export type OpenProbe = (onReady: () => void, onClosed: () => void) => Link;

const BUSY = /^-?BUSY\b/;

/** One PING on a socket of its own, to tell a busy node from a hung one and a broken link from a broken node. */
export class Probe {
  readonly #link: Link;
  #done = false;

  /** @param onEnd - called once: with what the node said, or `undefined` when it said nothing */
  constructor(open: OpenProbe, onEnd: (result: ProbeResult | undefined) => void) {
    const end = (result: ProbeResult | undefined): void => {
      if (this.#done) return;
      this.#done = true;
      onEnd(result);
      this.#link.close();
    };
    this.#link = open(
      () => {
        new InternalAttempt(['PING']).sendOver(this.#link).then(
          () => end('answers'),
          (error: unknown) => {
            if (!(error instanceof ReplyError)) end(undefined);
            else end(BUSY.test(error.message) ? 'busy' : 'answers');
          },
        );
      },
      () => end(undefined),
    );
  }

  /** Gives up; nothing is told any more. */
  close(): void {
    this.#done = true;
    this.#link.close();
  }
}
