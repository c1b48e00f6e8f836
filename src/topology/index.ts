export { formatAddress, type HostPort, isIpAddress, parseAddress } from './address.js';
export {
  ClusterTopology,
  emptyTopology,
  type TopologyFields,
  type TopologyJson,
  type TopologyMode,
  UNCOVERED,
  uncoveredSlots,
} from './cluster-topology.js';
export type { AvailabilityZone, NodeHealth, NodeRole, Shard, TopologyNode, UnusableNode } from './node.js';
export { type NonsenseRedirect, parseRedirect, type Redirect } from './redirect.js';
export { crc16, SLOT_COUNT, slotOfKey } from './slot.js';
export { formatSlotRange, type SlotRange } from './slot-range.js';
export { type NodeView, type ShardView, type TopologyView, type ViewSource, withZones } from './view.js';
