import type { Shard, TopologyNode, UnusableNode } from './node.js';
import { SLOT_COUNT } from './slot.js';
import { formatSlotRange, type SlotRange, SlotRangeCollector } from './slot-range.js';

/** What {@link ClusterTopology.slotTable} holds for a slot that no shard serves. */
export const UNCOVERED = 0xffff;

/**
 * `'cluster'`: shards with slots. `'standalone'`: one primary with replicas (cluster mode disabled), shown as one
 * shard that serves every slot.
 * @public
 */
export type TopologyMode = 'cluster' | 'standalone';

/** @internal */
export interface TopologyFields {
  readonly version: number;
  readonly mode: TopologyMode;
  readonly shards: readonly Shard[];
  readonly unusable: readonly UnusableNode[];
}

/** What follows from the fields, where it is known already. */
interface DerivedFields {
  readonly nodes: readonly TopologyNode[];
  readonly nodeByAddress: ReadonlyMap<string, TopologyNode>;
  readonly slotTable: Uint16Array;
}

/** The form of a topology in JSON. @public */
export interface TopologyJson {
  readonly version: number;
  readonly mode: TopologyMode;
  readonly shards: ReadonlyArray<{
    readonly index: number;
    readonly id: string;
    readonly slots: readonly string[];
    readonly primary: TopologyNode | null;
    readonly replicas: readonly TopologyNode[];
  }>;
  readonly uncovered: readonly string[];
  readonly unusable: readonly UnusableNode[];
}

/**
 * The deployment as known at one moment: an immutable value. A later state is another value with a higher `version`,
 * which shares every {@link Shard} and {@link TopologyNode} that did not change.
 * @public
 */
export class ClusterTopology {
  /** 0 before anything is known; grows by one with every change. */
  readonly version: number;
  readonly mode: TopologyMode;
  readonly shards: readonly Shard[];
  /** Shard by shard, the primary first. */
  readonly nodes: readonly TopologyNode[];
  /** Nodes that were named, but in a way that cannot be used. */
  readonly unusable: readonly UnusableNode[];
  /** Slot to shard index; 65535 where there is none. To be read only: arrays of bytes cannot be frozen. */
  readonly slotTable: Uint16Array;
  readonly #nodeByAddress: ReadonlyMap<string, TopologyNode>;

  /**
   * Shards must not share slots or nodes, and must stand at the place their `index` says.
   * @internal
   */
  constructor({ version, mode, shards, unusable }: TopologyFields, derived: DerivedFields = derive(shards)) {
    this.version = version;
    this.mode = mode;
    this.shards = Object.freeze(shards);
    this.unusable = Object.freeze(unusable);
    this.nodes = derived.nodes;
    this.slotTable = derived.slotTable;
    this.#nodeByAddress = derived.nodeByAddress;
    Object.freeze(this);
  }

  /**
   * The next version, in which `slot` is served by the shard with the index `owner`; `shards` say the same. The nodes
   * must be those of this one: they are shared.
   * @internal
   */
  withSlotOwner(slot: number, owner: number, shards: readonly Shard[]): ClusterTopology {
    const { version, mode, unusable, nodes } = this;
    const slotTable = new Uint16Array(this.slotTable);
    slotTable[slot] = owner;
    const derived = { nodes, nodeByAddress: this.#nodeByAddress, slotTable };
    return new ClusterTopology({ version: version + 1, mode, shards, unusable }, derived);
  }

  /** The shard that serves `slot`, if any does. */
  shardOf(slot: number): Shard | undefined {
    const index = this.slotTable[slot];
    return index === undefined ? undefined : this.shards[index];
  }

  /** The node at `address` (`host:port` in the form of `formatAddress`), if it is known. */
  nodeAt(address: string): TopologyNode | undefined {
    return this.#nodeByAddress.get(address);
  }

  toJSON(): TopologyJson {
    return {
      version: this.version,
      mode: this.mode,
      shards: this.shards.map(({ index, id, slots, primary, replicas }) => ({
        index,
        id,
        slots: slots.map(formatSlotRange),
        primary: primary ?? null,
        replicas,
      })),
      uncovered: uncoveredSlots(this).map(formatSlotRange),
      unusable: this.unusable,
    };
  }
}

function derive(shards: readonly Shard[]): DerivedFields {
  const nodes: TopologyNode[] = [];
  const slotTable = new Uint16Array(SLOT_COUNT).fill(UNCOVERED);
  for (const shard of shards) {
    if (shard.primary !== undefined) nodes.push(shard.primary);
    for (const replica of shard.replicas) nodes.push(replica);
    for (const { first, last } of shard.slots) slotTable.fill(shard.index, first, last + 1);
  }
  const nodeByAddress = new Map<string, TopologyNode>();
  for (const node of nodes) nodeByAddress.set(node.address, node);
  return { nodes: Object.freeze(nodes), nodeByAddress, slotTable };
}

/** What is known before anything is known: no node, no shard, version 0. */
export const emptyTopology: ClusterTopology = new ClusterTopology({
  version: 0,
  mode: 'cluster',
  shards: [],
  unusable: [],
});

/** The slots that no shard serves, ascending. */
export function uncoveredSlots({ slotTable }: ClusterTopology): readonly SlotRange[] {
  const collector = new SlotRangeCollector();
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if (slotTable[slot] === UNCOVERED) collector.add(slot);
  }
  return collector.finish();
}
