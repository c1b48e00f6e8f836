import type { LookupFunction } from 'node:net';
import type { Node, NodePool } from '../node/index.js';
import { fullJitterMs } from '../resilience/index.js';
import type { Clock, Random, Timer } from '../support/index.js';
import type { Answer, AnswersObservation, ClusterTopology, Shard, TopologyView } from '../topology/index.js';
import { askSeeds } from './ask-seeds.js';
import { askTopology } from './ask-topology.js';
import { chooseNodes } from './choose-nodes.js';
import { collect } from './collect.js';
import { NODES_ASKED_IN_TROUBLE, spreadMs, TROUBLE_GAP_MS, troubleGapMs } from './refresh-pace.js';
import type { RefreshTrigger } from './refresh-trigger.js';
import type { SeedProvider } from './seeds.js';

/** What a refresher works with. */
export interface RefresherOptions {
  readonly seeds: SeedProvider;
  readonly nodes: NodePool;
  readonly tls: boolean;
  /** Replaces the system's name resolution for seeds. */
  readonly lookup: LookupFunction | undefined;
  /** Time between two periodic refreshes of a quiet cluster, in milliseconds; spread by up to a tenth. 0: none. */
  readonly refreshIntervalMs: number;
  /** Least time between the starts of two refreshes, in milliseconds. */
  readonly minRefreshGapMs: number;
  /** How many nodes are asked at once. */
  readonly nodesAsked: number;
  readonly askTimeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** The topology in force. */
  current(): ClusterTopology;
  /** Addresses of nodes that can settle what is in doubt. */
  witnesses(): readonly string[];
  /** Shards with slots and without a primary that can be used. */
  troubled(): readonly Shard[];
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
const FAILED_BACKOFF = { baseMs: 250, maxMs: 5_000 };

/**
 * Keeps the topology fresh: at the start from the seeds, then periodically and on request from the known nodes, and
 * from the seeds again when no known node answers. After a change the periods are short, and grow back to their full
 * length; while a shard has no usable primary they are shorter still. At most one refresh runs at a time; what is
 * asked for meanwhile follows it.
 */
export class TopologyRefresher {
  readonly #options: RefresherOptions;
  #running: Promise<void> | undefined;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #scheduledFor = Number.POSITIVE_INFINITY;
  /** What was asked for while a refresh ran. */
  #again: RefreshTrigger | undefined;
  #closed = false;
  #refreshes = 0;
  #questions = 0;
  #failuresInRow = 0;
  #roundsInTrouble = 0;
  #intervalMs = SETTLING_INTERVAL_MS;

  constructor(options: RefresherOptions) {
    this.#options = options;
  }

  /** Refreshes begun so far. */
  get refreshes(): number {
    return this.#refreshes;
  }

  /** Nodes asked so far, all refreshes together. */
  get questions(): number {
    return this.#questions;
  }

  /** Learns the first topology. @throws {@link SeedsExhaustedError} with one error per seed and address */
  async start(): Promise<void> {
    await this.#run('start', true);
  }

  /** Asks for a refresh soon: at once when the last one is long enough ago, else when it is. */
  request(trigger: RefreshTrigger): void {
    if (this.#closed) return;
    if (this.#running !== undefined) {
      this.#again ??= trigger;
      return;
    }
    const { clock, minRefreshGapMs, random } = this.#options;
    const nowMs = clock.nowMs();
    // Many calls ask when there is trouble: what could not come sooner is not thought about again.
    if (this.#scheduledFor <= Math.max(nowMs, this.#startedAtMs + TROUBLE_GAP_MS)) return;
    const isTroubled = this.#options.troubled().length > 0;
    const gapMs = isTroubled ? Math.min(TROUBLE_GAP_MS, minRefreshGapMs) : minRefreshGapMs;
    const waitMs = Math.max(0, this.#startedAtMs + gapMs - nowMs);
    this.#schedule(waitMs + spreadMs(trigger, this.#options.current().nodes.length, random), trigger);
  }

  /** Refreshes now, or joins the refresh that is under way. @throws what {@link start} throws */
  async refresh(): Promise<void> {
    await (this.#running ?? this.#run('requested', false));
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #schedule(delayMs: number, trigger: RefreshTrigger): void {
    const { clock } = this.#options;
    const at = clock.nowMs() + delayMs;
    if (at >= this.#scheduledFor) return;
    this.#timer?.cancel();
    this.#scheduledFor = at;
    this.#timer = clock.schedule(delayMs, () => {
      this.#scheduledFor = Number.POSITIVE_INFINITY;
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
    if (this.#options.current().version === 0) return;
    if (this.#failuresInRow > 0) {
      this.#schedule(fullJitterMs(this.#failuresInRow, FAILED_BACKOFF, random), 'periodic');
      return;
    }
    if (this.#options.troubled().length > 0) {
      this.#schedule(troubleGapMs(++this.#roundsInTrouble, random), 'slotUncovered');
      return;
    }
    this.#roundsInTrouble = 0;
    if (again !== undefined) this.request(again);
    if (refreshIntervalMs === 0) return;
    this.#intervalMs = Math.min(this.#intervalMs, refreshIntervalMs);
    this.#schedule(this.#intervalMs * (1 - INTERVAL_SPREAD * random()), 'periodic');
  }

  async #refresh(trigger: RefreshTrigger, throughSeeds: boolean): Promise<void> {
    const { clock } = this.#options;
    const startedAtMs = clock.nowMs();
    this.#startedAtMs = startedAtMs;
    this.#refreshes++;
    try {
      const known = throughSeeds ? [] : this.#chooseKnown();
      const asked = known.map(({ address }) => address);
      let answers = await collect(
        known.map((node) => this.#answerOf(node)),
        clock,
      );
      if (answers.length === 0 && !this.#closed) {
        const seed = await this.#askSeeds();
        answers = [seed.answer];
        asked.push(...seed.asked);
      }
      if (this.#closed) return;
      const changed = this.#options.observe(
        {
          kind: 'answers',
          answers,
          unreachable: this.#unreachable(asked, answers),
          askedAtMs: startedAtMs,
          atMs: clock.nowMs(),
        },
        trigger,
      );
      this.#failuresInRow = 0;
      // What was not periodic was asked for because something happened: more may follow.
      const isQuiet = trigger === 'periodic' && !changed;
      this.#intervalMs = isQuiet ? 2 * this.#intervalMs : SETTLING_INTERVAL_MS;
      this.#options.onRefreshed({ trigger, changed, asked, durationMs: clock.nowMs() - startedAtMs });
    } catch (error) {
      this.#failuresInRow++;
      if (!this.#closed) this.#options.onFailed(trigger, error as Error);
      throw error;
    }
  }

  #chooseKnown(): readonly Node[] {
    const { nodes, nodesAsked, random } = this.#options;
    const isTroubled = this.#options.troubled().length > 0;
    const chosen = chooseNodes({
      topology: this.#options.current(),
      count: isTroubled ? Math.min(nodesAsked, NODES_ASKED_IN_TROUBLE) : nodesAsked,
      witnesses: this.#options.witnesses(),
      isUsable: ({ address }) => nodes.find(address)?.isUsable ?? true,
      random,
    });
    return chosen.map(({ host, port, address }) => nodes.node(host, port, address));
  }

  async #answerOf(node: Node): Promise<Answer> {
    return { from: node.address, view: await this.#ask(node) };
  }

  /** Those that did not answer, and those that we know cannot. */
  #unreachable(asked: readonly string[], answers: readonly Answer[]): readonly string[] {
    const { nodes } = this.#options;
    const silent = asked.filter((address) => !answers.some(({ from }) => from === address));
    const unusable = this.#options
      .current()
      .nodes.filter(({ address }) => nodes.find(address)?.isUsable === false);
    return [...new Set([...silent, ...unusable.map(({ address }) => address)])];
  }

  #askSeeds(): ReturnType<typeof askSeeds> {
    const { seeds, nodes, lookup, clock, askTimeoutMs: timeoutMs } = this.#options;
    return askSeeds({
      seeds,
      nodes,
      lookup,
      timeoutMs,
      clock,
      ask: (node) => this.#ask(node),
      isClosed: () => this.#closed,
    });
  }

  /** Where cluster mode is disabled, only the primary knows every replica: a replica is asked for its primary. */
  async #ask(node: Node): Promise<TopologyView> {
    const { tls, askTimeoutMs: timeoutMs, clock } = this.#options;
    this.#questions++;
    const view = await askTopology(node, { tls, timeoutMs, clock });
    const primary = view.mode === 'standalone' ? view.shards[0]?.primary : undefined;
    if (primary === undefined || primary.address === node.address) return view;
    const owner = this.#options.nodes.node(primary.host, primary.port, primary.address);
    return askTopology(owner, { tls, timeoutMs, clock }).catch(() => view);
  }
}
