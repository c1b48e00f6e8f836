import { SeedsExhaustedError, type SeedFailure } from '../errors/index.js';
import type { Node, NodePool } from '../node/index.js';
import type { Clock, Random, Timer } from '../support/index.js';
import { type ClusterTopology, formatAddress, mostTrusted, type TopologyView } from '../topology/index.js';
import { askTopology } from './ask-topology.js';
import type { RefreshTrigger } from './refresh-trigger.js';
import type { SeedProvider } from './seeds.js';

/** What a refresher works with. */
export interface RefresherOptions {
  readonly seeds: SeedProvider;
  readonly nodes: NodePool;
  readonly tls: boolean;
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
  /** A view to be put in force. Returns whether anything changed. */
  install(view: TopologyView, trigger: RefreshTrigger): boolean;
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

/**
 * Keeps the topology fresh: at the start from the seeds, then periodically and on request from the known nodes, and
 * from the seeds again when no known node answers. After a change the periods are short, and grow back to their full
 * length. At most one refresh runs at a time, and requests that come meanwhile share it.
 */
export class TopologyRefresher {
  readonly #options: RefresherOptions;
  #running: Promise<void> | undefined;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #scheduledFor = Number.POSITIVE_INFINITY;
  #closed = false;
  #refreshes = 0;
  #intervalMs = SETTLING_INTERVAL_MS;

  constructor(options: RefresherOptions) {
    this.#options = options;
  }

  /** Refreshes begun so far. */
  get refreshes(): number {
    return this.#refreshes;
  }

  /** Learns the first topology. @throws {@link SeedsExhaustedError} with one error per seed */
  async start(): Promise<void> {
    await this.#run('start', true);
  }

  /** Asks for a refresh soon: at once when the last one is long enough ago, else when it is. */
  request(trigger: RefreshTrigger): void {
    if (this.#closed || this.#running !== undefined) return;
    const { clock, minRefreshGapMs } = this.#options;
    this.#schedule(Math.max(0, this.#startedAtMs + minRefreshGapMs - clock.nowMs()), trigger);
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
      const { refreshIntervalMs, random } = this.#options;
      if (this.#closed || refreshIntervalMs === 0) return;
      this.#intervalMs = Math.min(this.#intervalMs, refreshIntervalMs);
      this.#schedule(this.#intervalMs * (1 - INTERVAL_SPREAD * random()), 'periodic');
    });
    return this.#running;
  }

  async #refresh(trigger: RefreshTrigger, throughSeeds: boolean): Promise<void> {
    const { clock } = this.#options;
    const startedAtMs = clock.nowMs();
    this.#startedAtMs = startedAtMs;
    this.#refreshes++;
    try {
      const known = throughSeeds ? [] : this.#chooseKnown();
      const { views, asked } = await this.#askKnown(known);
      const view = mostTrusted(views) ?? (await this.#askSeeds(asked));
      if (this.#closed) return;
      const changed = this.#options.install(view, trigger);
      // What was not periodic was asked for because something happened: more may follow.
      const isQuiet = trigger === 'periodic' && !changed;
      this.#intervalMs = isQuiet ? 2 * this.#intervalMs : SETTLING_INTERVAL_MS;
      this.#options.onRefreshed({ trigger, changed, asked, durationMs: clock.nowMs() - startedAtMs });
    } catch (error) {
      if (!this.#closed) this.#options.onFailed(trigger, error as Error);
      throw error;
    }
  }

  /** Some nodes that are said to be well, drawn by lot. */
  #chooseKnown(): readonly Node[] {
    const { nodes, nodesAsked, random } = this.#options;
    const well = this.#options.current().nodes.filter((node) => node.health === 'online');
    const chosen: Node[] = [];
    while (chosen.length < nodesAsked && well.length > 0) {
      const [drawn] = well.splice(Math.floor(random() * well.length), 1);
      chosen.push(nodes.node(drawn!.host, drawn!.port, drawn!.address));
    }
    return chosen;
  }

  async #askKnown(known: readonly Node[]): Promise<{ views: TopologyView[]; asked: string[] }> {
    const answers = await Promise.allSettled(known.map((node) => this.#ask(node)));
    const views = answers
      .flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
      .filter(hasSlots);
    return { views, asked: known.map((node) => node.address) };
  }

  async #askSeeds(asked: string[]): Promise<TopologyView> {
    const failures: SeedFailure[] = [];
    for (const { host, port } of await this.#seeds()) {
      if (this.#closed) break;
      const address = formatAddress(host, port);
      asked.push(address);
      try {
        const view = await this.#ask(this.#options.nodes.node(host, port, address));
        if (hasSlots(view)) return view;
        failures.push({ seed: address, error: new Error('it knows of no shard with slots') });
      } catch (error) {
        failures.push({ seed: address, error: error as Error });
      }
    }
    throw new SeedsExhaustedError(failures);
  }

  async #seeds(): ReturnType<SeedProvider['getSeeds']> {
    try {
      return await this.#options.seeds.getSeeds();
    } catch (error) {
      throw new SeedsExhaustedError([{ seed: 'the seed provider', error: error as Error }]);
    }
  }

  /** Where cluster mode is disabled, only the primary knows every replica: a replica is asked for its primary. */
  async #ask(node: Node): Promise<TopologyView> {
    const { tls, askTimeoutMs: timeoutMs, clock } = this.#options;
    const view = await askTopology(node, { tls, timeoutMs, clock });
    const primary = view.mode === 'standalone' ? view.shards[0]?.primary : undefined;
    if (primary === undefined || primary.address === node.address) return view;
    const owner = this.#options.nodes.node(primary.host, primary.port, primary.address);
    return askTopology(owner, { tls, timeoutMs, clock }).catch(() => view);
  }
}

/** A node that was reset or forgotten knows of no slots: its view says nothing of the cluster. */
function hasSlots(view: TopologyView): boolean {
  return view.shards.some((shard) => shard.slots.length > 0);
}
