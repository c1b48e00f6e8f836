import type { Fleet } from './fleet.js';
import type { LocalNode } from './member.js';
import { type LocalClusterOptions, resolveOptions } from './options.js';
import { type Engine, findServer } from './server-binary/index.js';
import { startFleet } from './start-fleet.js';
import type { TlsMaterial } from './tls/index.js';

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
   * @throws {@link InvalidOptionsError} listing everything that is wrong with the options
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

  /** Addresses of all nodes, `127.0.0.1:port`. */
  get seeds(): string[] {
    return this.#fleet.members.map(({ address }) => address);
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

  /** Ends all servers, hung ones too, and removes every trace. Can be called any number of times. */
  stop(): Promise<void> {
    return this.#fleet.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
