import { parseAddress } from './address.js';
import { freezeShard } from './build-topology.js';
import { ClusterTopology } from './cluster-topology.js';
import type { NodeRole, Shard, TopologyNode } from './node.js';
import { withoutSlot, withSlot } from './slot-range.js';

/**
 * The topology after a MOVED for `slot` to the node at `address`, to be used until a refresh has asked the cluster.
 *
 * What a MOVED proves is that the node owns the slot, hence is a primary. So:
 * - the node is primary of the slot's shard already: nothing changes, `topology` itself comes back;
 * - it is another shard's primary: the slot goes to that shard, and only that slot;
 * - it is known as a replica: its shard has failed over to it. Replicas own no slot, and a promoted one takes over all
 *   slots of its primary at once, so it becomes its shard's primary for all of them, and the old primary a replica;
 * - it is not known: it becomes the primary of a new shard that serves this slot only.
 *
 * @throws {@link InvalidArgumentError} when `address` is not of the form that `formatAddress` gives
 */
export function withMoved(topology: ClusterTopology, slot: number, address: string): ClusterTopology {
  const known = topology.nodeAt(address);
  const owner = topology.shardOf(slot);
  if (known !== undefined && owner?.primary === known) return topology;

  // Spreading a frozen array is many times faster than slicing it.
  const shards = [...topology.shards];
  const to =
    known === undefined ? strangersShard(shards.length, address) : promote(shards[known.shardIndex]!, known);
  const isMoving = owner?.index !== to.index;
  if (owner !== undefined && isMoving) {
    shards[owner.index] = freezeShard({ ...owner, slots: withoutSlot(owner.slots, slot) });
  }
  shards[to.index] = freezeShard(isMoving ? { ...to, slots: withSlot(to.slots, slot) } : to);
  // During resharding this runs for every slot that moves: nodes and the rest of the table are not built anew.
  if (known?.role === 'primary') return topology.withSlotOwner(slot, to.index, shards);
  const { mode, unusable, version } = topology;
  return new ClusterTopology({ version: version + 1, mode, shards, unusable });
}

function promote(shard: Shard, node: TopologyNode): Shard {
  if (shard.primary === node) return shard;
  const others = shard.replicas.filter((replica) => replica !== node);
  const replicas = shard.primary === undefined ? others : [...others, withRole(shard.primary, 'replica')];
  return {
    ...shard,
    primary: withRole(node, 'primary'),
    replicas: replicas.toSorted((a, b) => (a.address < b.address ? -1 : 1)),
  };
}

function withRole(node: TopologyNode, role: NodeRole): TopologyNode {
  return Object.freeze({ ...node, role });
}

function strangersShard(index: number, address: string): Shard {
  const { host, port } = parseAddress(address);
  const primary: TopologyNode = Object.freeze({
    address,
    host,
    port,
    role: 'primary',
    shardIndex: index,
    health: 'online',
    metadata: Object.freeze({}),
  });
  return { index, id: address, primary, replicas: [], slots: [] };
}
