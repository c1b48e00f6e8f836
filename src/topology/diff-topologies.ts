import { sameZone } from './build-topology.js';
import { type ClusterTopology, UNCOVERED } from './cluster-topology.js';
import type { AvailabilityZone, NodeHealth, NodeRole, Shard, TopologyNode } from './node.js';
import { SLOT_COUNT } from './slot.js';
import { type SlotRange, SlotRangeCollector } from './slot-range.js';

/** A shard as a fact names it. `primary` is the address of its primary, if it has one. @public */
export interface SlotOwner {
  readonly shardId: string;
  readonly primary?: string;
}

/** One thing that is different between two topologies. Nodes are named by their addresses. @public */
export type TopologyFact =
  | { readonly kind: 'nodeAdded'; readonly node: string; readonly role: NodeRole; readonly shardId: string }
  | { readonly kind: 'nodeRemoved'; readonly node: string; readonly role: NodeRole; readonly shardId: string }
  /** Another node answers at the address of one that is gone. Ids are those of the nodes. */
  | { readonly kind: 'nodeReplaced'; readonly node: string; readonly from: string; readonly to: string }
  /** The node belongs to another shard. Ids are those of the shards. */
  | { readonly kind: 'shardChanged'; readonly node: string; readonly from: string; readonly to: string }
  | { readonly kind: 'roleChanged'; readonly node: string; readonly from: NodeRole; readonly to: NodeRole }
  | {
      readonly kind: 'healthChanged';
      readonly node: string;
      readonly from: NodeHealth;
      readonly to: NodeHealth;
    }
  | { readonly kind: 'zoneLearned'; readonly node: string; readonly availabilityZone: AvailabilityZone }
  /** The same shard has another primary: a failover. */
  | {
      readonly kind: 'primaryChanged';
      readonly shardId: string;
      readonly from?: string;
      readonly to?: string;
    }
  /** Another shard serves the slots: resharding. */
  | {
      readonly kind: 'slotsMoved';
      readonly slots: readonly SlotRange[];
      readonly from: SlotOwner;
      readonly to: SlotOwner;
    }
  | { readonly kind: 'slotsCovered'; readonly slots: readonly SlotRange[]; readonly to: SlotOwner }
  | { readonly kind: 'slotsUncovered'; readonly slots: readonly SlotRange[]; readonly from: SlotOwner };

const NO_FACTS: readonly TopologyFact[] = Object.freeze([]);

/** What changed from `before` to `after`: nodes first, then primaries, then slots. Frozen; empty when nothing did. */
export function diffTopologies(before: ClusterTopology, after: ClusterTopology): readonly TopologyFact[] {
  if (before === after) return NO_FACTS;
  // A shard that is the same object has the same place, nodes and slots: nearly all are.
  const left = before.shards.filter((shard, i) => shard !== after.shards[i]);
  const come = after.shards.filter((shard, i) => shard !== before.shards[i]);
  const facts = [
    ...nodeFacts(left, come, before, after),
    ...primaryFacts(left, come),
    ...slotFacts(before, after),
  ];
  return Object.freeze(facts.map((fact) => Object.freeze(fact)));
}

function nodeFacts(
  left: readonly Shard[],
  come: readonly Shard[],
  before: ClusterTopology,
  after: ClusterTopology,
): readonly TopologyFact[] {
  const removed = left
    .flatMap(membersOf)
    .filter(({ address }) => after.nodeAt(address) === undefined)
    .map(({ address, role, shardIndex }): TopologyFact => {
      return { kind: 'nodeRemoved', node: address, role, shardId: before.shards[shardIndex]!.id };
    });
  const others = come.flatMap(membersOf).flatMap((node): readonly TopologyFact[] => {
    const { address, role, shardIndex, availabilityZone: zone } = node;
    const shardId = after.shards[shardIndex]!.id;
    const old = before.nodeAt(address);
    if (old === node) return NO_FACTS;
    const facts: TopologyFact[] = [];
    if (old === undefined) facts.push({ kind: 'nodeAdded', node: address, role, shardId });
    else facts.push(...changesOf(old, node, before.shards[old.shardIndex]!.id, shardId));
    if (zone !== undefined && !sameZone(zone, old?.availabilityZone)) {
      facts.push({ kind: 'zoneLearned', node: address, availabilityZone: zone });
    }
    return facts;
  });
  return [...removed, ...others];
}

function membersOf({ primary, replicas }: Shard): readonly TopologyNode[] {
  return primary === undefined ? replicas : [primary, ...replicas];
}

function changesOf(
  old: TopologyNode,
  now: TopologyNode,
  oldShard: string,
  shard: string,
): readonly TopologyFact[] {
  const facts: TopologyFact[] = [];
  const node = now.address;
  if (old.nodeId !== undefined && now.nodeId !== undefined && old.nodeId !== now.nodeId) {
    facts.push({ kind: 'nodeReplaced', node, from: old.nodeId, to: now.nodeId });
  }
  if (oldShard !== shard) facts.push({ kind: 'shardChanged', node, from: oldShard, to: shard });
  if (old.role !== now.role) facts.push({ kind: 'roleChanged', node, from: old.role, to: now.role });
  if (old.health !== now.health)
    facts.push({ kind: 'healthChanged', node, from: old.health, to: now.health });
  return facts;
}

function primaryFacts(left: readonly Shard[], come: readonly Shard[]): readonly TopologyFact[] {
  const old = new Map(left.map((shard) => [shard.id, shard]));
  return come.flatMap(({ id, primary }): TopologyFact[] => {
    const shard = old.get(id);
    const from = shard?.primary?.address;
    const to = primary?.address;
    if (shard === undefined || from === to) return [];
    return [{ kind: 'primaryChanged', shardId: id, ...(from ? { from } : {}), ...(to ? { to } : {}) }];
  });
}

/** Slots are gathered by the pair of shards between which they changed hands. */
function slotFacts(before: ClusterTopology, after: ClusterTopology): readonly TopologyFact[] {
  const heirs = heirsOf(before, after);
  const changes = new Map<number, { collector: SlotRangeCollector; from: number; to: number }>();
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const from = before.slotTable[slot]!;
    const to = after.slotTable[slot]!;
    if (from === UNCOVERED ? to === UNCOVERED : heirs[from] === to && to !== UNCOVERED) continue;
    const pair = from * (UNCOVERED + 1) + to;
    let change = changes.get(pair);
    if (change === undefined) changes.set(pair, (change = { collector: new SlotRangeCollector(), from, to }));
    change.collector.add(slot);
  }
  return [...changes.values()].map(({ collector, from, to }): TopologyFact => {
    const slots = collector.finish();
    if (from === UNCOVERED) return { kind: 'slotsCovered', slots, to: nameOwner(after, to) };
    if (to === UNCOVERED) return { kind: 'slotsUncovered', slots, from: nameOwner(before, from) };
    return { kind: 'slotsMoved', slots, from: nameOwner(before, from), to: nameOwner(after, to) };
  });
}

/** By index: where each shard of `before` stands in `after`; {@link UNCOVERED} for one that is gone. */
function heirsOf(before: ClusterTopology, after: ClusterTopology): Uint16Array {
  const heirs = new Uint16Array(before.shards.length).fill(UNCOVERED);
  let indexAfter: ReadonlyMap<string, number> | undefined;
  for (const { id, index } of before.shards) {
    if (after.shards[index]?.id === id) {
      heirs[index] = index;
      continue;
    }
    indexAfter ??= new Map(after.shards.map((shard) => [shard.id, shard.index]));
    heirs[index] = indexAfter.get(id) ?? UNCOVERED;
  }
  return heirs;
}

function nameOwner(topology: ClusterTopology, index: number): SlotOwner {
  const { id, primary } = topology.shards[index]!;
  return primary === undefined ? { shardId: id } : { shardId: id, primary: primary.address };
}
