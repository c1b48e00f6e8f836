import { type ClusterTopology, UNCOVERED } from './cluster-topology.js';
import type { Shard, TopologyNode } from './node.js';
import { type NodeView, nodesOf, type ShardView } from './view.js';

/** A shard of a view with the id under which it is known. */
export interface NamedShard {
  readonly id: string;
  readonly view: ShardView;
}

interface Kinship {
  readonly view: ShardView;
  readonly previousIndex: number;
  strength: number;
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
  const heirs = new Map<number, ShardView>();
  const changed: ShardView[] = [];
  for (const view of views) {
    const index = previous.slotTable[firstSlot(view)] ?? UNCOVERED;
    const shard = previous.shards[index];
    if (shard !== undefined && hasSameNodes(view, shard)) heirs.set(index, view);
    else changed.push(view);
  }
  let byNodeId: ReadonlyMap<string | undefined, TopologyNode> | undefined;
  const earlier = ({ address, nodeId }: NodeView): TopologyNode | undefined => {
    const there = previous.nodeAt(address);
    if (there !== undefined || nodeId === undefined) return there;
    byNodeId ??= new Map(previous.nodes.map((node) => [node.nodeId, node]));
    return byNodeId.get(nodeId);
  };
  const kinships = changed.flatMap((view) => kinshipsOf(view, previous, earlier));
  kinships.sort((a, b) => b.strength - a.strength || a.previousIndex - b.previousIndex);
  const settled = new Set<ShardView>();
  for (const { view, previousIndex } of kinships) {
    if (heirs.has(previousIndex) || settled.has(view)) continue;
    heirs.set(previousIndex, view);
    settled.add(view);
  }
  return heirs;
}

/**
 * Whether a view shows exactly the nodes of a shard, in their roles: then no other view can be nearer to it. Nearly all
 * shards of a refresh are like this, and are recognised without looking up a node.
 */
function hasSameNodes({ id, primary, replicas }: ShardView, shard: Shard): boolean {
  if (id !== undefined && id !== shard.id) return false;
  if (primary?.address !== shard.primary?.address || replicas.length !== shard.replicas.length) return false;
  return replicas.every(({ address }) => shard.replicas.some((replica) => replica.address === address));
}

/** To how many earlier shards a view is kin: nearly always one. */
function kinshipsOf(
  view: ShardView,
  previous: ClusterTopology,
  earlier: (node: NodeView) => TopologyNode | undefined,
): readonly Kinship[] {
  const kinships: Kinship[] = [];
  const strengthen = (previousIndex: number, by: number): void => {
    const known = kinships.find((kinship) => kinship.previousIndex === previousIndex);
    if (known === undefined) kinships.push({ view, previousIndex, strength: by });
    else known.strength += by;
  };
  for (const node of nodesOf(view)) {
    const before = earlier(node);
    if (before) strengthen(before.shardIndex, before.role === 'primary' ? SAME_PRIMARY : SAME_NODE);
  }
  const slotsWereOf = previous.slotTable[firstSlot(view)];
  if (kinships.some(({ previousIndex }) => previousIndex === slotsWereOf))
    strengthen(slotsWereOf!, SAME_SLOTS);
  const sameId = view.id === undefined ? undefined : previous.shards.find(({ id }) => id === view.id);
  if (sameId !== undefined) strengthen(sameId.index, SAME_ID);
  return kinships;
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
