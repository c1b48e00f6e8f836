import type { LookupFunction } from 'node:net';
import type { Fleet } from './fleet.js';
import { lookupWith } from './lookup.js';
import type { LocalNode } from './member.js';
import { type LocalClusterOptions, resolveOptions } from './options.js';
import type { FaultProxy } from './proxy/index.js';
import { type Engine, findServer } from './server-binary/index.js';
import { startFleet } from './start-fleet.js';
import type { TlsMaterial } from './tls/index.js';
import {
  addReplica,
  addShard,
  type AddShardOptions,
  cut,
  delay,
  failover,
  type FailoverOptions,
  faultProxyOf,
  flush,
  hang,
  heal,
  moveSlots,
  type MoveSlotsOptions,
  partition,
  removeReplica,
  removeShard,
  replaceNodes,
  restart,
  resume,
  type Whereabouts,
} from './verbs/index.js';

/**
 * Real servers on this machine: a cluster, or a primary with its replicas, that a test can use and break.
 *
 * Every verb returns when all running nodes agree on its result, and throws a {@link HarnessError} that says what was
 * waited for and what was last seen when they do not. The servers listen on 127.0.0.1 only, write nothing outside a
 * temporary folder, and end with this process, however it ends.
 *
 * @example
 * ```ts
 * await using cluster = await LocalCluster.start({ shards: 3, replicasPerShard: 1 });
 * const client = await createClient({ seeds: cluster.seeds });
 * await cluster.failover(0);
 * ```
 * @public
 */
export class LocalCluster {
  readonly #fleet: Fleet;

  private constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /**
   * Starts the servers and resolves when the cluster is healthy.
   * @throws `InvalidOptionsError` listing everything that is wrong with the options
   * @throws {@link HarnessError} when there is no server program, or the cluster does not become healthy; nothing is
   * left behind then
   */
  static async start(options: LocalClusterOptions = {}): Promise<LocalCluster> {
    const resolved = resolveOptions(options);
    const { engine, binary } = resolved;
    const server = await findServer({ engine, ...(binary === undefined ? {} : { binary }) });
    return new LocalCluster(await startFleet(resolved, server));
  }

  /** `redis` or `valkey`: what is running. */
  get engine(): Engine {
    return this.#fleet.server.engine;
  }

  /** Version of the server program: `7.0.15`. */
  get version(): string {
    return this.#fleet.server.version;
  }

  /** For clients of a cluster with TLS: the authority to trust, and a certificate to show. PEM texts. */
  get tls(): TlsMaterial | undefined {
    return this.#fleet.certificates?.client;
  }

  /** Addresses of all nodes, `host:port`; proxied ones' are their proxies'. */
  get seeds(): string[] {
    return this.#fleet.members.map(({ address }) => address);
  }

  /**
   * A function like `dns.lookup` that resolves this name to the addresses of all present nodes, in the order of {@link
   * LocalCluster.nodes}, and leaves all other names to the system. Of use with `addresses: 'distinct'`, where all nodes
   * have one port: the name followed by a colon and `cluster.nodes[0].port` is a seed that outlives every node then, as the
   * configuration endpoint of ElastiCache does.
   */
  lookup(name: string): LookupFunction {
    return lookupWith(name, () => this.#fleet.members.map(({ host }) => host));
  }

  /** All nodes, also those that do not run, in the order in which they were added: shard by shard, first its primary. */
  get nodes(): LocalNode[] {
    return [...this.#fleet.members];
  }

  /** Numbers of the shards, ascending. */
  get shards(): number[] {
    return this.#fleet.shards;
  }

  /**
   * The primary that owns a slot, as the living nodes see it; a dead one until a replica took its place.
   * @param keyOrSlot - text: a key; number: a slot
   */
  primaryOf(keyOrSlot: string | number): LocalNode {
    return this.#fleet.ownerOf(keyOrSlot);
  }

  /** The replicas of {@link LocalCluster.primaryOf}, also those that do not run. */
  replicasOf(keyOrSlot: string | number): LocalNode[] {
    const { shard } = this.#fleet.ownerOf(keyOrSlot);
    return this.#fleet.ofShard(shard).filter(({ role }) => role === 'replica');
  }

  /**
   * Makes a replica the primary of its shard; resolves with it when all running nodes agree. The old primary, if it
   * runs, is its replica then.
   *
   * Without cluster mode there is no vote: `force` and `takeover` both promote without asking the primary. A failover
   * after the death of a primary happens by itself in a cluster, and never without cluster mode.
   */
  failover(shard: number, options: FailoverOptions = {}): Promise<LocalNode> {
    return this.#verb('failover', () => failover(this.#fleet, shard, options));
  }

  /**
   * Ends a node's process (SIGKILL) and resolves when it is gone. What the cluster makes of it is yours to watch;
   * {@link LocalCluster.waitUntilHealthy} waits until it has got over it.
   * @param node - a node, its id or its address
   */
  kill(node: LocalNode | string): Promise<void> {
    return this.#verb('kill', () => this.#fleet.member(node).kill());
  }

  /** Lets a node hang (SIGSTOP): its links stay open, and nothing answers. Resolves at once, as {@link LocalCluster.kill}. */
  hang(node: LocalNode | string): Promise<void> {
    return this.#verb('hang', async () => hang(this.#fleet.member(node)));
  }

  /**
   * Lets a hung node go on; resolves when the cluster is healthy again, or, while other nodes are down, when the
   * running ones agree.
   */
  resume(node: LocalNode | string): Promise<void> {
    return this.#verb('resume', () => resume(this.#fleet, this.#fleet.member(node)));
  }

  /**
   * Starts a node again at the same address, with the same id and, unless `config` says otherwise, without data; ends
   * its process before, if there is one. Resolves as {@link LocalCluster.resume}.
   */
  restart(node: LocalNode | string): Promise<void> {
    return this.#verb('restart', () => restart(this.#fleet, this.#fleet.member(node)));
  }

  /**
   * Moves slots with their keys to another shard, as an online resharding does: slots are open on both sides, keys move
   * in batches, and clients see `ASK`, `TRYAGAIN` and at last `MOVED`. Goes on after a failover in the midst. When it
   * fails, calling it again takes up where it stopped.
   */
  moveSlots(options: MoveSlotsOptions): Promise<void> {
    return this.#changeVerb('moveSlots', 'cluster mode', () => moveSlots(this.#fleet, options));
  }

  /** Adds a shard, and moves its share of the slots to it unless told otherwise; resolves with its number. */
  addShard(options: AddShardOptions = {}): Promise<number> {
    return this.#changeVerb('addShard', 'cluster mode', () => addShard(this.#fleet, options));
  }

  /** Moves a shard's slots to the others, then ends its nodes and lets all others forget them. */
  removeShard(shard: number): Promise<void> {
    return this.#changeVerb('removeShard', 'cluster mode', () => removeShard(this.#fleet, shard));
  }

  /** Adds a replica to a shard; resolves with it when it has its copy and all nodes know it. */
  addReplica(shard: number): Promise<LocalNode> {
    return this.#changeVerb('addReplica', 'any mode', () => addReplica(this.#fleet, shard));
  }

  /** Ends a replica and lets all others forget it. */
  removeReplica(node: LocalNode | string): Promise<void> {
    return this.#changeVerb('removeReplica', 'any mode', () =>
      removeReplica(this.#fleet, this.#fleet.member(node)),
    );
  }

  /**
   * Puts a new node with a new address into the place of each present one, with the same zone, role and data: adds
   * replicas, fails over to them, ends the old nodes together, and lets the new ones forget them. All nodes must run.
   */
  replaceNodes(): Promise<void> {
    return this.#changeVerb('replaceNodes', 'any mode', () => replaceNodes(this.#fleet));
  }

  /**
   * Cuts nodes off: clients and other nodes reach them no more, nor do they reach others; among themselves they are in
   * touch. Nothing is refused, everything falls silent. The rest of the cluster votes for new primaries if it holds the
   * majority. Resolves at once, as {@link LocalCluster.kill}; while nodes are cut off, {@link
   * LocalCluster.waitUntilHealthy} and all other verbs speak of the rest. A second partition cuts off more nodes, also
   * from the first ones. Needs `proxied`.
   * @param where - nodes, or the name of a zone, or several of both
   */
  partition(where: Whereabouts): Promise<void> {
    return this.#verb('partition', async () => partition(this.#fleet, where));
  }

  /**
   * Mends the network: ends partitions and takes away every fault of every node's proxy (`crossZoneLatencyMs` is none).
   * Resolves as {@link LocalCluster.resume}.
   */
  heal(): Promise<void> {
    return this.#verb('heal', () => heal(this.#fleet));
  }

  /**
   * Lets every round trip of clients to these nodes take longer by so many milliseconds; 0 takes that away again. More
   * can be had from {@link LocalCluster.proxyOf}. Needs `proxied`.
   * @param where - nodes, or the name of a zone, or several of both
   */
  latency(where: Whereabouts, ms: number): Promise<void> {
    return this.#verb('latency', async () => delay(this.#fleet, where, ms));
  }

  /**
   * Breaks off all connections of clients to these nodes (RST). New ones are accepted. Needs `proxied`.
   * @param where - nodes, or the name of a zone, or several of both
   */
  cut(where: Whereabouts): Promise<void> {
    return this.#verb('cut', async () => cut(this.#fleet, where));
  }

  /** The proxy before a node, with all its faults. Needs `proxied`. Ends with the node: no need to stop it. */
  proxyOf(node: LocalNode | string): FaultProxy {
    return faultProxyOf(this.#fleet.member(node), 'proxyOf');
  }

  /** Deletes every key of every running node. */
  flush(): Promise<void> {
    return this.#verb('flush', () => flush(this.#fleet));
  }

  /**
   * Waits until every running node says that the cluster is ok, all tell the same members, roles and slots, every slot
   * has a running owner, replicas have their copies, and nodes that do not run are known to have failed.
   */
  waitUntilHealthy(): Promise<void> {
    return this.#verb('waitUntilHealthy', () => this.#fleet.agree('the cluster is healthy'));
  }

  /**
   * The end of a node's log, or of all logs one after the other: the last 64 KiB of each. Stays readable after
   * {@link LocalCluster.stop}.
   */
  logs(node?: LocalNode | string): string {
    if (node !== undefined) return this.#fleet.member(node).process.log;
    const { members } = this.#fleet;
    return members
      .map(({ address, role, shard, process }) => `--- ${address}, ${role} of shard ${shard}\n${process.log}`)
      .join('\n');
  }

  /** Ends all servers, hung ones too, and removes every trace. Can be called any number of times. */
  stop(): Promise<void> {
    return this.#fleet.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #verb<T>(name: string, run: () => Promise<T>): Promise<T> {
    this.#fleet.checkVerb(name);
    return run();
  }

  /** A verb that changes members or owners of slots: one at a time. */
  async #changeVerb<T>(name: string, modes: 'any mode' | 'cluster mode', run: () => Promise<T>): Promise<T> {
    this.#fleet.checkVerb(name, modes);
    return this.#fleet.exclusively(run);
  }
}
