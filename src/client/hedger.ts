import type { RequestWriter } from '../commands/index.js';
import { Attempt } from '../node/index.js';
import { type Clock, Queue, type Timer } from '../support/index.js';
import type { Call } from './call.js';
import type { HedgeSettings } from './options.js';
import { Trouble } from './trouble.js';

/** What a hedger works with. */
export interface HedgerOptions {
  readonly settings: Required<HedgeSettings>;
  readonly clock: Clock;
  /** Sends a call to a second node as well. @returns whether there was one */
  send(call: Call): boolean;
  /** Calls begun so far. */
  calls(): number;
}

/** How often it is looked for reads that are late, in milliseconds: how late a hedge may be. */
const PERIOD_MS = 2;
/** Until this many reads have been timed, nothing is known of how long they take. */
const MIN_SAMPLES = 100;
/** Latencies remembered, in a ring. */
const SAMPLES = 1_024;
/** The quantile is worked out again after this many new ones. */
const RECKON_EVERY = 128;
const P95 = 0.95;

/**
 * Hedged reads: what has not been answered after a while is asked of a second node too, and the first answer counts.
 * A tail that one slow node makes is cut off, for a bounded share of additional reads.
 *
 * @see https://research.google/pubs/the-tail-at-scale/
 */
export class Hedger {
  readonly #options: HedgerOptions;
  readonly #watched = new Queue<Call>();
  readonly #latenciesMs = new Float64Array(SAMPLES);
  #timed = 0;
  #p95Ms = Number.POSITIVE_INFINITY;
  #hedged = 0;
  #callsAtStart = 0;
  #timer: Timer | undefined;

  constructor(options: HedgerOptions) {
    this.#options = options;
    this.#callsAtStart = options.calls();
  }

  /** A second attempt at a call, for another node. Its failure is of no interest: the first goes on. */
  static attemptFor(call: Call): Attempt {
    const hedge = new Hedge(call);
    (call.trouble ??= new Trouble()).atEnd.push(() => hedge.giveUp());
    return hedge;
  }

  /** Watches a read that is on its way. */
  watch(call: Call): void {
    const { clock } = this.#options;
    const startedAtMs = clock.nowMs();
    (call.trouble ??= new Trouble()).atEnd.push(() => this.#ended(clock.nowMs() - startedAtMs));
    this.#watched.push(call);
    this.#timer ??= clock.schedule(PERIOD_MS, () => this.#look());
  }

  close(): void {
    this.#timer?.cancel();
    this.#watched.drain();
  }

  #look(): void {
    const { clock, settings } = this.#options;
    this.#timer = undefined;
    const nowMs = clock.nowMs();
    const afterMs = settings.afterMs === 'p95' ? this.#p95Ms : settings.afterMs;
    for (let oldest = this.#watched.at(0); oldest !== undefined; oldest = this.#watched.at(0)) {
      if (!oldest.settled) {
        if (nowMs - oldest.startedAtMs < afterMs) break;
        const mayHedge = this.#hedged < (this.#options.calls() - this.#callsAtStart) * settings.maxShare;
        if (mayHedge && this.#options.send(oldest)) this.#hedged++;
      }
      this.#watched.shift();
    }
    if (this.#watched.size > 0) this.#timer = clock.schedule(PERIOD_MS, () => this.#look());
  }

  #ended(latencyMs: number): void {
    this.#latenciesMs[this.#timed % SAMPLES] = latencyMs;
    this.#timed++;
    if (this.#timed < MIN_SAMPLES || this.#timed % RECKON_EVERY !== 0) return;
    const sorted = this.#latenciesMs.slice(0, Math.min(this.#timed, SAMPLES)).toSorted();
    this.#p95Ms = sorted[Math.floor(sorted.length * P95)]!;
  }
}

class Hedge extends Attempt {
  readonly #call: Call;

  constructor(call: Call) {
    super(call.wantsText);
    this.#call = call;
  }

  override encode(writer: RequestWriter): void {
    this.#call.encode(writer);
  }

  override succeeded(reply: unknown): void {
    this.settled = true;
    if (!this.#call.settled) this.#call.succeeded(reply);
  }

  override failed(): void {
    this.settled = true;
  }

  /** The call has ended: what has not left for it never will. */
  giveUp(): void {
    if (this.settled) return;
    this.settled = true;
    this.carrier?.withdraw(this);
  }
}
