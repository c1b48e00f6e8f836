import type { NodePool } from '../node/index.js';
import type { Clock, Timer } from '../support/index.js';
import { Call } from './call.js';

/** How often deadlines are looked at, in milliseconds: how late a call may learn that its time is up. */
const PERIOD_MS = 10;

/**
 * Ends calls whose deadline has passed, without a timer per call.
 *
 * A link answers in order and all its calls have the same timeout, so looking at the oldest unanswered ones is
 * enough; the same holds for a node's queue. Calls that left this order (those sent again, or not sent yet) are
 * watched one by one, and those with a timeout of their own have their own timer.
 */
export class DeadlineWatch {
  readonly #nodes: NodePool;
  readonly #clock: Clock;
  readonly #expire: (call: Call) => void;
  readonly #apart = new Set<Call>();
  #timer: Timer | undefined;
  #nowMs = 0;
  #closed = false;

  constructor(nodes: NodePool, clock: Clock, expire: (call: Call) => void) {
    this.#nodes = nodes;
    this.#clock = clock;
    this.#expire = expire;
  }

  /** The time in whole milliseconds, as of the last look while there is something to watch, else exact. */
  nowMs(): number {
    return this.#timer === undefined ? Math.floor(this.#clock.nowMs()) : this.#nowMs;
  }

  /** Watches one call by itself until it is settled. */
  add(call: Call): void {
    this.#apart.add(call);
    this.wake();
  }

  /** Something is in flight: look at it from now on. */
  wake(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#nowMs = Math.floor(this.#clock.nowMs());
    this.#timer = this.#clock.schedule(PERIOD_MS, () => this.#look());
  }

  /** Stops watching. @returns the calls that were watched by themselves */
  close(): Call[] {
    this.#closed = true;
    this.#timer?.cancel();
    return [...this.#apart];
  }

  #look(): void {
    const nowMs = Math.floor(this.#clock.nowMs());
    this.#nowMs = nowMs;
    this.#timer = undefined;
    let isBusy = false;
    for (const node of this.#nodes.holders()) {
      const { link } = node;
      if (link !== undefined) {
        const unanswered = link.unanswered;
        if (unanswered > 0) isBusy = true;
        for (let i = 0; i < unanswered; i++) {
          if (this.#isYoung(link.unansweredAt(i), nowMs)) break;
        }
      }
      const { queued } = node;
      if (queued > 0) isBusy = true;
      for (let i = 0; i < queued; i++) {
        if (this.#isYoung(node.waitingAt(i), nowMs)) break;
      }
    }
    for (const call of this.#apart) {
      if (!call.settled && nowMs >= call.deadlineMs) this.#expire(call);
      if (call.settled) this.#apart.delete(call);
    }
    if (isBusy || this.#apart.size > 0) this.wake();
  }

  /** Whether this attempt, and so all behind it, still has time. Expires it when it is a call that has not. */
  #isYoung(attempt: unknown, nowMs: number): boolean {
    if (!(attempt instanceof Call) || attempt.settled || attempt.settings.hasOwnTimeout) return false;
    if (nowMs < attempt.deadlineMs) return true;
    this.#expire(attempt);
    return false;
  }
}
