export { formatAddress, type HostPort, isIpAddress, parseAddress } from './address.js';
export { buildTopology } from './build-topology.js';
export {
  ClusterTopology,
  emptyTopology,
  type TopologyJson,
  type TopologyMode,
  UNCOVERED,
  uncoveredSlots,
} from './cluster-topology.js';
export { diffTopologies, type SlotOwner, type TopologyFact } from './diff-topologies.js';
export { mostTrusted } from './most-trusted.js';
export type { AvailabilityZone, NodeHealth, NodeRole, Shard, TopologyNode, UnusableNode } from './node.js';
export type { AskedNode } from './node-attributes.js';
export { parseClusterShards } from './parse-cluster-shards.js';
export { parseClusterSlots } from './parse-cluster-slots.js';
export {
  type AskedReplicationNode,
  parseClusterEpoch,
  parseInfoReplication,
  parseRole,
} from './parse-replication.js';
export { type NonsenseRedirect, parseRedirect, type Redirect } from './redirect.js';
export { crc16, SLOT_COUNT, slotOfKey } from './slot.js';
export type { SlotRange } from './slot-range.js';
export { type NodeView, type ShardView, type TopologyView, type ViewSource, withZones } from './view.js';
export { withMoved } from './with-moved.js';
