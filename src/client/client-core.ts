import { ClientClosedError } from '../errors/index.js';
import { LagGuard, type RefreshTrigger, TopologyRefresher } from '../discovery/index.js';
import { BreakerWindows, type Node, NodePool } from '../node/index.js';
import { RouteTable } from '../routing/index.js';
import { type Clock, type Random, systemClock, systemRandom, type Timer } from '../support/index.js';
import { EventHub } from '../telemetry/index.js';
import {
  advance,
  type ClusterTopology,
  diffTopologies,
  initialState,
  type Observation,
  type Shard,
  type TopologyState,
  witnessesOf,
} from '../topology/index.js';
import { Dispatcher } from './dispatcher.js';
import { CHANNEL_OF, type ClientEvents } from './events.js';
import { nodeSettings } from './node-settings.js';
import type { ClientConfig } from './resolve-options.js';

/** Where the client stands. @public */
export type ClientStatus = 'idle' | 'connecting' | 'ready' | 'draining' | 'closed';

/** How long nodes that left the topology may take to answer what they were sent, in milliseconds. */
const LEAVING_DRAIN_MS = 5_000;

/** The live parts of a client, put together. A client and all views of it share one. */
export class ClientCore {
  readonly config: ClientConfig;
  readonly events: EventHub<ClientEvents> = new EventHub<ClientEvents>(CHANNEL_OF);
  readonly nodes: NodePool;
  readonly dispatcher: Dispatcher;
  readonly refresher: TopologyRefresher;
  readonly random: Random;
  readonly #lagGuard: LagGuard | undefined;
  readonly #clock: Clock;
  #state: TopologyState = initialState;
  #status: ClientStatus = 'idle';
  #connecting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #topologyChanges = 0;
  /** Nodes that have been told to be suspect or down, and not to be well again. */
  readonly #passedOver = new WeakSet<Node>();
  #pinging: Timer | undefined;

  constructor(config: ClientConfig, clock: Clock = systemClock, random: Random = systemRandom) {
    this.config = config;
    this.#clock = clock;
    this.random = random;
    const { options } = config;
    const windows = new BreakerWindows(options.breaker.rollingMs, clock.nowMs());
    const base = nodeSettings(config, this.events, windows, clock, random);
    this.nodes = new NodePool({ ...base, onCondition: (node) => this.#nodeChanged(node) });
    this.dispatcher = new Dispatcher({
      nodes: this.nodes,
      options,
      events: this.events,
      clock,
      random,
      onMoved: (slot, to, from) => this.#slotMoved(slot, to, from),
      onLook: (nowMs) => windows.turn(nowMs),
      refreshes: () => this.refresher.refreshes,
      requestRefresh: (trigger) => this.refresher.request(trigger),
    });
    this.refresher = new TopologyRefresher({
      seeds: options.seeds,
      nodes: this.nodes,
      tls: options.tls,
      lookup: config.lookup,
      ...options.topology,
      clock,
      random,
      current: () => this.topology,
      witnesses: () => witnessesOf(this.#state, clock.nowMs()),
      troubled: () => this.#troubled(),
      observe: (observation, trigger) => this.#observe(observation, trigger),
      onRefreshed: (outcome) => this.events.emit('topologyRefreshed', () => outcome),
      onFailed: (trigger, error) => this.events.emit('topologyRefreshFailed', () => ({ trigger, error })),
    });
    this.#lagGuard = this.#newLagGuard();
  }

  #newLagGuard(): LagGuard | undefined {
    const { lagGuard, topology } = this.config.options;
    if (lagGuard === false) return undefined;
    return new LagGuard({
      nodes: this.nodes,
      maxLagBytes: lagGuard.maxBytes,
      intervalMs: lagGuard.intervalMs,
      askTimeoutMs: topology.askTimeoutMs,
      clock: this.#clock,
      random: this.random,
      current: () => this.topology,
      onMeasured: (address, _lagBytes, isTooFar) => {
        const node = this.nodes.find(address);
        if (node !== undefined) node.isLagging = isTooFar;
      },
    });
  }

  get topology(): ClusterTopology {
    return this.#state.topology;
  }

  get status(): ClientStatus {
    return this.#status;
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  get topologyChanges(): number {
    return this.#topologyChanges;
  }

  /** Resolves when the first topology is known; begins to learn it when nobody has. Tries anew after a failure. */
  ready(): Promise<void> {
    if (this.isClosed) return Promise.reject(new ClientClosedError());
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  /** Ends everything: what is in flight has `drainMs` to be answered. Every caller waits for the same end. */
  close(drainMs: number): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  async #connect(): Promise<void> {
    const startedAtMs = this.#clock.nowMs();
    this.#status = 'connecting';
    try {
      await this.refresher.start();
    } catch (error) {
      this.#connecting = undefined;
      if (!this.isClosed) this.#status = 'idle';
      throw error;
    }
    if (this.isClosed) throw new ClientClosedError();
    this.#status = 'ready';
    this.#pingLater();
    this.#lagGuard?.start();
    const { nodes, shards } = this.topology;
    this.events.emit('clientReady', () => ({
      nodes: nodes.length,
      shards: shards.length,
      durationMs: this.#clock.nowMs() - startedAtMs,
    }));
  }

  async #close(drainMs: number): Promise<void> {
    this.#status = 'draining';
    this.refresher.close();
    this.#pinging?.cancel();
    this.#lagGuard?.close();
    this.dispatcher.beginClose();
    const drained = await this.nodes.close(drainMs);
    this.dispatcher.endClose();
    this.#status = 'closed';
    this.events.emit('clientClosed', () => ({ drained }));
  }

  #nodeChanged(node: Node): void {
    this.dispatcher.nodeChanged(node);
    if (!node.isUsable) {
      this.#passedOver.add(node);
      if (node.condition === 'suspect') this.events.emit('nodeSuspected', () => ({ node: node.address }));
    } else if (this.#passedOver.delete(node)) {
      this.events.emit('nodeRecovered', () => ({ node: node.address }));
    }
  }

  /** A node that hangs while nobody asks it anything is noticed by this. */
  #pingLater(): void {
    const { pingIntervalMs } = this.config.options.links;
    if (pingIntervalMs === 0) return;
    this.#pinging = this.#clock.schedule(pingIntervalMs, () => {
      for (const node of this.nodes.values()) node.ping();
      this.dispatcher.wake();
      this.#pingLater();
    });
  }

  /** Shards that cannot be written to: the topology is asked for often until there are none. */
  #troubled(): readonly Shard[] {
    return this.topology.shards.filter(
      ({ slots, primary }) =>
        slots.length > 0 && (primary === undefined || this.nodes.find(primary.address)?.isUsable === false),
    );
  }

  #slotMoved(slot: number, to: string, from: string): void {
    this.#observe({ kind: 'moved', slot, to, from, atMs: this.#clock.nowMs() }, 'moved');
    this.refresher.request('moved');
  }

  /** Learns from what was seen or said. @returns whether another topology is in force */
  #observe(observation: Observation, trigger: RefreshTrigger): boolean {
    if (this.isClosed) return false;
    const before = this.#state.topology;
    this.#state = advance(this.#state, observation);
    const next = this.#state.topology;
    if (next === before) return false;
    this.#install(before, next, trigger);
    return true;
  }

  /** Tells the nodes their roles, and parts from those that are gone. */
  #meet({ nodes }: ClusterTopology): void {
    for (const node of nodes) this.nodes.find(node.address)?.setReadOnly(node.role === 'replica');
    this.nodes.retain(new Set(nodes.map((node) => node.address)), LEAVING_DRAIN_MS);
    if (!this.config.options.links.lazy) for (const node of this.nodes.values()) node.open();
  }

  #install(before: ClusterTopology, next: ClusterTopology, trigger: RefreshTrigger): void {
    this.#topologyChanges++;
    this.dispatcher.useTable(
      new RouteTable(
        next,
        (node) => this.nodes.node(node.host, node.port, node.address),
        this.dispatcher.router.table,
      ),
    );
    // A slot that moves between shards changes no node.
    if (next.nodes !== before.nodes) this.#meet(next);
    this.events.emit('topologyChanged', () => ({
      version: next.version,
      trigger,
      facts: diffTopologies(before, next),
    }));
  }
}
