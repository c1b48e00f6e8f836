import { ClusterTopology, emptyTopology } from './cluster-topology.js';
import { nameShards } from './name-shards.js';
import type { AvailabilityZone, NodeRole, Shard, TopologyNode, UnusableNode } from './node.js';
import type { Mutable } from './node-attributes.js';
import { sameSlotRanges } from './slot-range.js';
import type { NodeView, TopologyView } from './view.js';

/**
 * The topology that a view describes, as the successor of `previous`.
 *
 * Every shard and node that did not change is the same object as in `previous`; when nothing did, `previous` itself
 * comes back. Otherwise the version is one higher. The order in which the view names shards and replicas does not
 * matter. Shards keep their ids and, while none goes away, their indexes.
 */
export function buildTopology(
  view: TopologyView,
  previous: ClusterTopology = emptyTopology,
): ClusterTopology {
  const shards = nameShards(view.shards, previous).map(({ id, view: shard }, index): Shard => {
    const before = previous.shards[index];
    const place = (node: NodeView, role: NodeRole): TopologyNode =>
      placeNode(node, role, index, nodeIn(before, node.address) ?? previous.nodeAt(node.address));
    const primary = shard.primary && place(shard.primary, 'primary');
    const replicas = shard.replicas.map((node) => place(node, 'replica'));
    if (replicas.length > 1) replicas.sort((a, b) => (a.address < b.address ? -1 : 1));
    const isSame =
      before !== undefined &&
      before.id === id &&
      before.primary === primary &&
      before.replicas.length === replicas.length &&
      before.replicas.every((node, i) => node === replicas[i]) &&
      sameSlotRanges(before.slots, shard.slots);
    return isSame ? before : freezeShard({ index, id, primary, replicas, slots: shard.slots });
  });
  const isSame =
    previous.version > 0 &&
    previous.mode === view.mode &&
    previous.shards.length === shards.length &&
    previous.shards.every((shard, i) => shard === shards[i]) &&
    sameUnusable(previous.unusable, view.unusable);
  if (isSame) return previous;
  return new ClusterTopology({
    version: previous.version + 1,
    mode: view.mode,
    shards,
    unusable: view.unusable,
  });
}

/** A shard that nobody can change. */
export function freezeShard(shard: Shard): Shard {
  Object.freeze(shard.replicas);
  Object.freeze(shard.slots);
  return Object.freeze(shard);
}

/** Nearly every node is where it was: comparing a few addresses is faster than looking one up among thousands. */
function nodeIn(shard: Shard | undefined, address: string): TopologyNode | undefined {
  if (shard === undefined) return undefined;
  if (shard.primary?.address === address) return shard.primary;
  for (const node of shard.replicas) if (node.address === address) return node;
  return undefined;
}

function placeNode(
  view: NodeView,
  role: NodeRole,
  shardIndex: number,
  before: TopologyNode | undefined,
): TopologyNode {
  const isSame =
    before !== undefined &&
    before.role === role &&
    before.shardIndex === shardIndex &&
    before.health === view.health &&
    before.nodeId === view.nodeId &&
    before.tlsHostname === view.tlsHostname &&
    before.ip === view.ip &&
    sameZone(before.availabilityZone, view.availabilityZone) &&
    sameTexts(before.metadata, view.metadata);
  if (isSame) return before;
  const { address, host, port, health, metadata, nodeId, tlsHostname, ip, availabilityZone } = view;
  const node: Mutable<TopologyNode> =
    nodeId === undefined
      ? { address, host, port, role, shardIndex, health, metadata }
      : { address, host, port, nodeId, role, shardIndex, health, metadata };
  if (tlsHostname !== undefined) node.tlsHostname = tlsHostname;
  if (ip !== undefined) node.ip = ip;
  if (availabilityZone !== undefined) node.availabilityZone = availabilityZone;
  return Object.freeze(node);
}

/** Whether two zones are told by the same name and id. */
export function sameZone(a: AvailabilityZone | undefined, b: AvailabilityZone | undefined): boolean {
  return a?.name === b?.name && a?.id === b?.id;
}

function sameTexts(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function sameUnusable(a: readonly UnusableNode[], b: readonly UnusableNode[]): boolean {
  return (
    a.length === b.length &&
    a.every((node, i) => node.nodeId === b[i]!.nodeId && node.reason === b[i]!.reason)
  );
}
