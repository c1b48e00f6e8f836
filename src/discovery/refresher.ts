import { fullJitterMs } from '../resilience/index.js';
import type { Timer } from '../support/index.js';
import type { AnswersObservation } from '../topology/index.js';
import { Inquiry, type InquiryOptions } from './inquiry.js';
import { canWait, spreadMs, stretchedMs, TROUBLE_GAP_MS, troubleGapMs } from './refresh-pace.js';
import type { RefreshTrigger } from './refresh-trigger.js';

/** What a refresher works with. */
export interface RefresherOptions extends InquiryOptions {
  /** Time between two periodic refreshes of a quiet cluster, in milliseconds; spread by up to a tenth. 0: none. */
  readonly refreshIntervalMs: number;
  /** Least time between the starts of two refreshes, in milliseconds. */
  readonly minRefreshGapMs: number;
  /** What nodes said. Returns whether anything changed. */
  observe(observation: AnswersObservation, trigger: RefreshTrigger): boolean;
  onRefreshed(outcome: {
    trigger: RefreshTrigger;
    changed: boolean;
    asked: readonly string[];
    durationMs: number;
  }): void;
  onFailed(trigger: RefreshTrigger, error: Error): void;
}

/** How much of the interval a periodic refresh may come early, so that many clients do not ask together. */
const INTERVAL_SPREAD = 0.1;
/**
 * The first period after a change. Changes come in bunches, and what nodes say in their midst does not last: a demoted
 * primary stands alone until it follows the new one, a fresh replica is loading. Doubles while nothing changes.
 */
const SETTLING_INTERVAL_MS = 500;
/** Bounds of the wait after nobody answered at all. */
const FAILED_BACKOFF = { baseMs: 250, maxMs: 2_000 };
/** Refreshes that nobody waits for get rarer while they are asked for again and again: up to this time apart. */
const MAX_PATIENT_GAP_MS = 2_000;

/**
 * Keeps the topology fresh: at the start from the seeds, then periodically and on request from the known nodes, and
 * from the seeds again when no known node answers. After a change the periods are short, and grow back to their full
 * length; while a shard has no usable primary they are shorter still. At most one refresh runs at a time; what is
 * asked for meanwhile follows it.
 */
export class TopologyRefresher {
  readonly #options: RefresherOptions;
  readonly #inquiry: Inquiry;
  #running: Promise<void> | undefined;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #scheduledFor = Number.POSITIVE_INFINITY;
  /** What was asked for while a refresh ran. */
  #again: RefreshTrigger | undefined;
  /** What is scheduled was asked for, by somebody who can wait. */
  #isPutOff = false;
  #closed = false;
  #refreshes = 0;
  #failures = 0;
  #failuresInRow = 0;
  #roundsInTrouble = 0;
  #intervalMs = SETTLING_INTERVAL_MS;
  #patientGapMs: number;

  constructor(options: RefresherOptions) {
    this.#options = options;
    this.#inquiry = new Inquiry(options);
    this.#patientGapMs = options.minRefreshGapMs;
  }

  /** Refreshes begun so far. */
  get refreshes(): number {
    return this.#refreshes;
  }

  /** Nodes asked so far, all refreshes together. */
  get questions(): number {
    return this.#inquiry.questions;
  }

  /** Refreshes in which nobody could be asked. */
  get failures(): number {
    return this.#failures;
  }

  /** Learns the first topology. @throws {@link SeedsExhaustedError} with one error per seed and address */
  async start(): Promise<void> {
    await this.#run('start', true);
  }

  /**
   * Asks for a refresh soon: at once when the last one is long enough ago, else when it is. What nobody waits for is
   * spread over a while in large clusters, and gets rarer when it is asked for again and again.
   */
  request(trigger: RefreshTrigger): void {
    if (this.#closed) return;
    if (this.#running !== undefined) {
      if (this.#again === undefined || canWait(this.#again)) this.#again = trigger;
      return;
    }
    const { clock, minRefreshGapMs, random } = this.#options;
    const nowMs = clock.nowMs();
    // Many calls ask when there is trouble: what could not come sooner is not thought about again.
    if (this.#scheduledFor <= Math.max(nowMs, this.#startedAtMs + TROUBLE_GAP_MS)) return;
    const isTroubled = this.#options.troubled().length > 0;
    const isPatient = !isTroubled && canWait(trigger);
    // The lot is drawn once: the least of many draws is no spread.
    if (isPatient && this.#isPutOff) return;
    let gapMs = isPatient ? this.#patientGapMs : minRefreshGapMs;
    if (isTroubled) gapMs = Math.min(TROUBLE_GAP_MS, minRefreshGapMs);
    const waitMs = Math.max(0, this.#startedAtMs + gapMs - nowMs);
    const putOffMs = isPatient ? spreadMs(trigger, this.#options.current().nodes.length, random) : 0;
    this.#schedule(waitMs + putOffMs, trigger);
    this.#isPutOff = isPatient;
  }

  /** Refreshes now, or joins the refresh that is under way. @throws what {@link start} throws */
  async refresh(): Promise<void> {
    await (this.#running ?? this.#run('requested', false));
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#inquiry.stop();
  }

  #schedule(delayMs: number, trigger: RefreshTrigger): void {
    const { clock } = this.#options;
    const at = clock.nowMs() + delayMs;
    if (at >= this.#scheduledFor) return;
    this.#timer?.cancel();
    this.#scheduledFor = at;
    this.#isPutOff = false;
    this.#timer = clock.schedule(delayMs, () => {
      this.#scheduledFor = Number.POSITIVE_INFINITY;
      this.#isPutOff = false;
      // A failure was told through `onFailed`; the next period or request tries again.
      this.#run(trigger, false).catch(() => {});
    });
  }

  #run(trigger: RefreshTrigger, throughSeeds: boolean): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#running ??= this.#refresh(trigger, throughSeeds).finally(() => {
      this.#running = undefined;
      if (!this.#closed) this.#planNext();
    });
    return this.#running;
  }

  #planNext(): void {
    const { refreshIntervalMs, random } = this.#options;
    const again = this.#again;
    this.#again = undefined;
    // Before the first topology it is the caller who tries again.
    const { version, nodes } = this.#options.current();
    if (version === 0) return;
    if (this.#failuresInRow > 0) {
      this.#schedule(fullJitterMs(this.#failuresInRow, FAILED_BACKOFF, random), 'periodic');
      return;
    }
    if (this.#options.troubled().length > 0) {
      this.#schedule(troubleGapMs(++this.#roundsInTrouble, nodes.length, random), 'slotUncovered');
      return;
    }
    this.#roundsInTrouble = 0;
    if (again !== undefined) this.request(again);
    if (refreshIntervalMs === 0) return;
    const periodMs = Math.min(stretchedMs(this.#intervalMs, nodes.length), refreshIntervalMs);
    this.#schedule(periodMs * (1 - INTERVAL_SPREAD * random()), 'periodic');
  }

  async #refresh(trigger: RefreshTrigger, throughSeeds: boolean): Promise<void> {
    const { clock } = this.#options;
    const startedAtMs = clock.nowMs();
    this.#startedAtMs = startedAtMs;
    this.#refreshes++;
    try {
      const { answers, asked, silent } = await this.#inquiry.ask(throughSeeds);
      if (this.#closed) return;
      const unreachable = [...new Set([...silent, ...this.#outOfReach()])];
      const observation = { kind: 'answers', answers, unreachable, askedAtMs: startedAtMs } as const;
      const changed = this.#options.observe({ ...observation, atMs: clock.nowMs() }, trigger);
      this.#failuresInRow = 0;
      this.#settle(trigger, changed);
      this.#options.onRefreshed({ trigger, changed, asked, durationMs: clock.nowMs() - startedAtMs });
    } catch (error) {
      this.#failuresInRow++;
      this.#failures++;
      if (!this.#closed) this.#options.onFailed(trigger, error as Error);
      throw error;
    }
  }

  /** What was not periodic was asked for because something happened: more may follow. */
  #settle(trigger: RefreshTrigger, changed: boolean): void {
    const { refreshIntervalMs, minRefreshGapMs } = this.#options;
    if (trigger === 'periodic' && !changed) {
      this.#intervalMs = Math.min(2 * this.#intervalMs, Math.max(SETTLING_INTERVAL_MS, refreshIntervalMs));
      this.#patientGapMs = minRefreshGapMs;
      return;
    }
    this.#intervalMs = SETTLING_INTERVAL_MS;
    if (canWait(trigger)) {
      this.#patientGapMs = Math.max(minRefreshGapMs, Math.min(MAX_PATIENT_GAP_MS, 2 * this.#patientGapMs));
    }
  }

  /** Nodes that we know cannot be reached. */
  #outOfReach(): readonly string[] {
    const { nodes } = this.#options;
    const { nodes: known } = this.#options.current();
    return known.flatMap(({ address }) => (nodes.find(address)?.isUsable === false ? address : []));
  }
}
