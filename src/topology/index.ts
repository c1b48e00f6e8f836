export { advance, witnessesOf } from './advance.js';
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
export type { AvailabilityZone, NodeHealth, NodeRole, Shard, TopologyNode, UnusableNode } from './node.js';
export type { AskedNode } from './node-attributes.js';
export { parseClusterShards } from './parse-cluster-shards.js';
export { parseClusterSlots } from './parse-cluster-slots.js';
export type {
  Answer,
  AnswersObservation,
  AskObservation,
  MovedObservation,
  Observation,
} from './observation.js';
export { parseClusterInfo } from './parse-cluster-info.js';
export { type AskedReplicationNode, parseInfoReplication, parseRole } from './parse-replication.js';
export { type NonsenseRedirect, parseRedirect, type Redirect } from './redirect.js';
export { crc16, SLOT_COUNT, slotOfKey } from './slot.js';
export type { SlotRange } from './slot-range.js';
export {
  type Claim,
  CLAIM_FRESH_MS,
  initialState,
  MAX_CLAIMS,
  type ProvenEpoch,
  type TopologyState,
} from './topology-state.js';
export { type NodeView, type ShardView, type TopologyView, type ViewSource, withZones } from './view.js';
export { withMoved } from './with-moved.js';
