import type { ClusterTopology } from './cluster-topology.js';
import { nodesOf, type ShardView } from './view.js';

/** A shard of a view with the id under which it is known. */
export interface NamedShard {
  readonly id: string;
  readonly view: ShardView;
}

interface Kinship {
  readonly view: ShardView;
  readonly previousIndex: number;
  readonly strength: number;
}

const SAME_ID = 1_000;
const SAME_SLOTS = 2;
const SAME_PRIMARY = 1.5;
const SAME_NODE = 1;

/**
 * Recognises shards over time, and puts them in order.
 *
 * Servers before Valkey 9.1 do not tell a shard's id, and a primary's node id changes with each failover. So a shard is
 * the continuation of the earlier one with which it shares the most nodes, and inherits its id; where a shard fell
 * apart (Redis 7 shows a failed primary as a shard of its own), the part that has the slots does. A new shard is called
 * by its own id if the server tells one, else by its lowest node id or address. Known shards come first, in their
 * earlier order; new ones follow by their first slot.
 */
export function nameShards(views: readonly ShardView[], previous: ClusterTopology): readonly NamedShard[] {
  const heirs = recognise(views, previous);
  const known: NamedShard[] = [];
  const taken = new Set<string>();
  for (const shard of previous.shards) {
    const view = heirs.get(shard.index);
    if (view === undefined) continue;
    known.push({ id: shard.id, view });
    taken.add(shard.id);
  }
  const recognised = new Set(heirs.values());
  const fresh = views
    .filter((view) => !recognised.has(view))
    .map((view) => ({ view, names: possibleIds(view) }))
    .toSorted((a, b) => firstSlot(a.view) - firstSlot(b.view) || (a.names[0]! < b.names[0]! ? -1 : 1))
    .map(({ view, names }): NamedShard => {
      const id = names.find((name) => !taken.has(name)) ?? uniqueId(names[0]!, taken);
      taken.add(id);
      return { id, view };
    });
  return [...known, ...fresh];
}

/** Which view continues which earlier shard (by index): the strongest kinships first, one heir each. */
function recognise(views: readonly ShardView[], previous: ClusterTopology): ReadonlyMap<number, ShardView> {
  const byNodeId = new Map(
    previous.nodes.flatMap((node) => (node.nodeId ? [[node.nodeId, node] as const] : [])),
  );
  const byShardId = new Map(previous.shards.map((shard) => [shard.id, shard.index]));
  const kinships: Kinship[] = [];
  for (const view of views) {
    const strengths = new Map<number, number>();
    const strengthen = (index: number, by: number): void =>
      void strengths.set(index, (strengths.get(index) ?? 0) + by);
    const sameId = view.id === undefined ? undefined : byShardId.get(view.id);
    if (sameId !== undefined) strengthen(sameId, SAME_ID);
    for (const node of nodesOf(view)) {
      const before = (node.nodeId && byNodeId.get(node.nodeId)) || previous.nodeAt(node.address);
      if (before) strengthen(before.shardIndex, before.role === 'primary' ? SAME_PRIMARY : SAME_NODE);
    }
    const slotsWereOf = previous.slotTable[firstSlot(view)];
    if (slotsWereOf !== undefined && strengths.has(slotsWereOf)) strengthen(slotsWereOf, SAME_SLOTS);
    for (const [previousIndex, strength] of strengths) kinships.push({ view, previousIndex, strength });
  }
  kinships.sort((a, b) => b.strength - a.strength || a.previousIndex - b.previousIndex);
  const heirs = new Map<number, ShardView>();
  const settled = new Set<ShardView>();
  for (const { view, previousIndex } of kinships) {
    if (heirs.has(previousIndex) || settled.has(view)) continue;
    heirs.set(previousIndex, view);
    settled.add(view);
  }
  return heirs;
}

function firstSlot({ slots }: ShardView): number {
  return slots[0]?.first ?? Number.MAX_SAFE_INTEGER;
}

/** At least one; the best first. */
function possibleIds(view: ShardView): readonly string[] {
  const nodes = nodesOf(view);
  return [
    ...(view.id ? [view.id] : []),
    ...nodes.flatMap(({ nodeId }) => (nodeId ? [nodeId] : [])).toSorted(),
    ...nodes.map(({ address }) => address).toSorted(),
    `slot ${firstSlot(view)}`,
  ];
}

function uniqueId(name: string, taken: ReadonlySet<string>): string {
  let count = 2;
  while (taken.has(`${name}#${count}`)) count++;
  return `${name}#${count}`;
}
