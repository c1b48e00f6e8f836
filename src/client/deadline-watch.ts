import type { NodePool } from '../node/index.js';
import type { Clock, Timer } from '../support/index.js';
import { Call } from './call.js';

/** How often deadlines are looked at, in milliseconds: how late a call may learn that its time is up. */
const PERIOD_MS = 10;
/** A look that comes later than this says that the event loop was blocked. */
const MAX_LATE_MS = 50;

/**
 * Ends calls whose deadline has passed, without a timer per call, and lets every node be looked at.
 *
 * A link answers in order and all its calls have the same timeout, so looking at the oldest unanswered ones is
 * enough; the same holds for a node's queue. Calls that left this order (those sent again, or not sent yet) are
 * watched one by one, and those with a timeout of their own have their own timer.
 */
export class DeadlineWatch {
  readonly #nodes: NodePool;
  readonly #clock: Clock;
  readonly #expire: (call: Call) => void;
  readonly #onLook: (nowMs: number) => void;
  readonly #apart = new Set<Call>();
  #timer: Timer | undefined;
  #lookAtMs = 0;
  #closed = false;

  /** @param onLook - called with every look */
  constructor(nodes: NodePool, clock: Clock, expire: (call: Call) => void, onLook: (nowMs: number) => void) {
    this.#nodes = nodes;
    this.#clock = clock;
    this.#expire = expire;
    this.#onLook = onLook;
  }

  /** The time in whole milliseconds. */
  nowMs(): number {
    return Math.floor(this.#clock.nowMs());
  }

  /** Watches one call by itself until it is settled. */
  add(call: Call): void {
    if (this.#apart.size === 0) {
      // The next look must keep the process alive from now on.
      this.#timer?.cancel();
      this.#timer = undefined;
    }
    this.#apart.add(call);
    this.wake();
  }

  /** Something is in flight: look at it from now on. */
  wake(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#lookAtMs = this.nowMs() + PERIOD_MS;
    // A call that waits may have no open socket that keeps the process alive.
    this.#timer = this.#clock.schedule(PERIOD_MS, () => this.#look(), this.#apart.size > 0);
  }

  /** The calls that are watched by themselves. */
  watched(): Iterable<Call> {
    return this.#apart;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #look(): void {
    const nowMs = this.nowMs();
    this.#timer = undefined;
    // After the event loop was blocked, replies that came in time may still lie in the sockets: read them first.
    const missedMs = Math.max(0, nowMs - this.#lookAtMs);
    const wasBlocked = missedMs > MAX_LATE_MS;
    const isBusy = this.#lookAtNodes(nowMs, missedMs);
    this.#onLook(nowMs);
    if (wasBlocked || this.#expireAll(nowMs) || isBusy) this.wake();
  }

  /** Lets every node be judged by its silence. @returns whether anything is due of any */
  #lookAtNodes(nowMs: number, missedMs: number): boolean {
    let isBusy = false;
    // What is found can change who there is: a node that is suspect makes calls choose others.
    for (const node of [...this.#nodes.holders()]) {
      if (node.look(nowMs, missedMs)) isBusy = true;
    }
    return isBusy;
  }

  /** Ends what is late. @returns whether any call is left that is watched by itself */
  #expireAll(nowMs: number): boolean {
    for (const node of this.#nodes.holders()) {
      const { link, queued } = node;
      const unanswered = link === undefined ? 0 : link.unanswered;
      for (let i = 0; i < unanswered; i++) {
        if (this.#isYoung(link!.unansweredAt(i), nowMs)) break;
      }
      for (let i = 0; i < queued; i++) {
        if (this.#isYoung(node.waitingAt(i), nowMs)) break;
      }
    }
    for (const call of this.#apart) {
      if (!call.settled && nowMs >= call.deadlineMs) this.#expire(call);
      if (call.settled) this.#apart.delete(call);
    }
    return this.#apart.size > 0;
  }

  /** Whether this attempt, and so all behind it, still has time. Expires it when it is a call that has not. */
  #isYoung(attempt: unknown, nowMs: number): boolean {
    if (!(attempt instanceof Call) || attempt.settled || attempt.settings.hasOwnTimeout) return false;
    if (nowMs < attempt.deadlineMs) return true;
    this.#expire(attempt);
    return false;
  }
}
