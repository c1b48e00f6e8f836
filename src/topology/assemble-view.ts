import type { UnusableNode } from './node.js';
import { type AskedNode, type Mutable, type NodeAttributes, reachNode } from './node-attributes.js';
import type { ReplyReader } from './reply-reader.js';
import { SLOT_COUNT } from './slot.js';
import { formatSlotRange, joinSlotRanges, type SlotRange } from './slot-range.js';
import type { TopologyMode } from './cluster-topology.js';
import { type NodeView, nodesOf, type ShardView, type TopologyView, type ViewSource } from './view.js';

/** A shard as read from a reply: not yet known how its nodes are reached, and whether it shares any with another. */
export interface ReadShard {
  readonly id?: string;
  readonly slots: readonly SlotRange[];
  readonly primary?: NodeAttributes;
  readonly replicas: readonly NodeAttributes[];
}

/** Where a reachable node was found. */
interface Place {
  readonly shardIndex: number;
  readonly isPrimary: boolean;
  readonly node: NodeView;
}

/**
 * Makes a view of what was read: reaches every node, gives every node to one shard, and joins the slot ranges.
 *
 * An address that was named twice goes to the place that is likelier true: online before not, primary before replica,
 * then the first. If another node had it too, that one is kept as unusable with the reason. So are the nodes of a shard that has no slots and no
 * node that is up.
 *
 * @throws {@link TopologyReplyError} when two shards hold one slot
 */
export function assembleView(
  reader: ReplyReader,
  source: ViewSource,
  mode: TopologyMode,
  read: readonly ReadShard[],
  asked: AskedNode,
): TopologyView {
  refuseSharedSlots(reader, read);
  const unusable: UnusableNode[] = [];
  const places = new Map<string, Place>();
  const settle = (attributes: NodeAttributes, shardIndex: number, isPrimary: boolean): void => {
    const node = reachNode(attributes, asked);
    if ('reason' in node) {
      unusable.push(describeUnusable(attributes.nodeId, node.reason));
      return;
    }
    const place = { shardIndex, isPrimary, node };
    const rival = places.get(node.address);
    if (rival === undefined) {
      places.set(node.address, place);
      return;
    }
    const [kept, dropped] = weight(place) > weight(rival) ? [place, rival] : [rival, place];
    places.set(node.address, kept);
    if (kept.node.nodeId === dropped.node.nodeId) return;
    const of = kept.node.nodeId === undefined ? '' : ` of node ${kept.node.nodeId}`;
    unusable.push(describeUnusable(dropped.node.nodeId, `its address ${node.address} is also that${of}`));
  };
  read.forEach((shard, index) => {
    if (shard.primary !== undefined) settle(shard.primary, index, true);
    for (const replica of shard.replicas) settle(replica, index, false);
  });

  const primaries: Array<NodeView | undefined> = [];
  const replicas: NodeView[][] = read.map(() => []);
  for (const { shardIndex, isPrimary, node } of places.values()) {
    if (isPrimary) primaries[shardIndex] = node;
    else replicas[shardIndex]!.push(node);
  }
  const shards = read.map(({ id, slots }, index): ShardView => {
    const shard: Mutable<ShardView> = { slots: joinSlotRanges(slots), replicas: replicas[index]! };
    if (id) shard.id = id;
    const primary = primaries[index];
    if (primary !== undefined) shard.primary = primary;
    return shard;
  });
  const alive = shards.filter((shard) => {
    if (!isLeftover(shard)) return true;
    for (const { nodeId, address } of nodesOf(shard)) {
      unusable.push(describeUnusable(nodeId, `${address} is held to be down, in a shard without slots`));
    }
    return false;
  });
  return { source, mode, shards: alive, unusable };
}

/** Redis 7 shows a primary that was failed over as a shard of its own, until it is back and demoted. */
function isLeftover(shard: ShardView): boolean {
  return shard.slots.length === 0 && nodesOf(shard).every(({ health }) => health === 'fail');
}

function weight({ isPrimary, node }: Place): number {
  return (node.health === 'online' ? 2 : 0) + (isPrimary ? 1 : 0);
}

function describeUnusable(nodeId: string | undefined, reason: string): UnusableNode {
  return Object.freeze(nodeId ? { nodeId, reason } : { reason });
}

function refuseSharedSlots(reader: ReplyReader, shards: readonly ReadShard[]): void {
  const taken = new Uint8Array(SLOT_COUNT);
  for (const { slots } of shards) {
    for (const range of slots) {
      for (let slot = range.first; slot <= range.last; slot++) {
        if (taken[slot] === 1) {
          const expected = 'a list of slot ranges in which no slot comes twice';
          reader.refuse('', expected, `slot ${slot} again in ${formatSlotRange(range)}`);
        }
        taken[slot] = 1;
      }
    }
  }
}
