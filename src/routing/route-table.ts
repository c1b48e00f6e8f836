import type { ClusterTopology, Shard, TopologyNode } from '../topology/index.js';
import type { ReadPolicy, ReadPolicyName } from './read-policy.js';

/** A place a command can go to: a node of the topology, and the caller's own handle for it. */
export interface Candidate<H> {
  readonly node: TopologyNode;
  readonly handle: H;
}

interface ShardRoutes<H> {
  readonly shard: Shard;
  readonly primary: Candidate<H> | undefined;
  readonly replicas: ReadonlyArray<Candidate<H>>;
}

const NOWHERE: readonly never[] = [];

/**
 * Where commands go under one topology, prepared so that a plan costs an array access or two.
 * `H` is whatever the caller reaches a node by.
 */
export class RouteTable<H> {
  readonly topology: ClusterTopology;
  readonly #slotTable: Uint16Array;
  readonly #routes: ReadonlyArray<ShardRoutes<H>>;

  /** @param before - the table of the topology before: routes of shards that did not change are taken over */
  constructor(topology: ClusterTopology, handleOf: (node: TopologyNode) => H, before?: RouteTable<H>) {
    this.topology = topology;
    this.#slotTable = topology.slotTable;
    const candidate = (node: TopologyNode): Candidate<H> => ({ node, handle: handleOf(node) });
    const old = before === undefined ? [] : before.#routes;
    this.#routes = topology.shards.map((shard, i) =>
      old[i]?.shard === shard
        ? old[i]
        : {
            shard,
            primary: shard.primary === undefined ? undefined : candidate(shard.primary),
            replicas: shard.replicas.map(candidate),
          },
    );
  }

  /** The primary of the shard that owns the slot. `undefined`: nobody owns it, or the owner is not known. */
  primaryOf(slot: number): H | undefined {
    return this.#routes[this.#slotTable[slot]!]?.primary?.handle;
  }

  /**
   * The first candidate for a read that may be used now. Where none may, one that can at least be reached, whatever is
   * said of it: a cluster calls its replicas loading before the first write, and what is said of a node may be out of
   * date. Where none can, the one to wait for.
   *
   * @param turn - counts up from read to read: replicas take turns by it
   * @param isUsable - whether a read is best sent to it now
   * @param isReachable - whether anything can be sent to it now
   * @returns `undefined` when there is no candidate at all
   */
  readerOf(
    slot: number,
    policy: ReadPolicyName,
    turn: number,
    isUsable: (candidate: Candidate<H>) => boolean,
    isReachable: (candidate: Candidate<H>) => boolean,
  ): H | undefined {
    const routes = this.#routes[this.#slotTable[slot]!];
    if (routes === undefined) return undefined;
    if (policy !== 'primary') {
      const { replicas } = routes;
      const count = replicas.length;
      for (let i = 0; i < count; i++) {
        const candidate = replicas[(turn + i) % count]!;
        if (isUsable(candidate)) return candidate.handle;
      }
      if (policy === 'replica') return lastResort(replicas, turn, isReachable)?.handle;
      if (routes.primary === undefined || !isReachable(routes.primary)) {
        return (lastResort(replicas, turn, isReachable) ?? routes.primary)?.handle;
      }
    }
    return routes.primary?.handle;
  }

  /** Every candidate for a command on this slot, in the order in which they are tried. */
  candidatesOf(
    slot: number,
    policy: ReadPolicyName | ReadPolicy,
    command: string,
    turn: number,
  ): ReadonlyArray<Candidate<H>> {
    const routes = this.#routes[this.#slotTable[slot]!];
    if (routes === undefined) return NOWHERE;
    const { shard, primary, replicas } = routes;
    const owner = primary === undefined ? NOWHERE : [primary];
    if (policy === 'primary') return owner;
    if (typeof policy === 'function') {
      const all = [...owner, ...replicas];
      return policy({ shard, slot, command }).flatMap((node) => all.find((each) => each.node === node) ?? []);
    }
    const start = replicas.length === 0 ? 0 : turn % replicas.length;
    const inTurn = [...replicas.slice(start), ...replicas.slice(0, start)];
    return policy === 'replica' ? inTurn : [...inTurn, ...owner];
  }

  /** The primaries of all shards that serve slots. */
  primaries(): readonly H[] {
    return this.#routes.flatMap(({ shard, primary }) =>
      primary !== undefined && shard.slots.length > 0 ? primary.handle : [],
    );
  }

  /** All nodes, shard by shard. */
  all(): readonly H[] {
    return this.#routes.flatMap(({ primary, replicas }) => [
      ...(primary === undefined ? [] : [primary.handle]),
      ...replicas.map((replica) => replica.handle),
    ]);
  }
}

function lastResort<H>(
  replicas: ReadonlyArray<Candidate<H>>,
  turn: number,
  isReachable: (candidate: Candidate<H>) => boolean,
): Candidate<H> | undefined {
  const reachable = replicas.filter(isReachable);
  return (
    reachable.find(({ node }) => node.health !== 'fail') ?? reachable[0] ?? replicas[turn % replicas.length]
  );
}
