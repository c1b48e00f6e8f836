export { enlistShard, newShardId, replicaOf, writeNodesConf } from './enlist.js';
export { failover, type FailoverMode, type FailoverOptions } from './failover.js';
export { hang, restart, resume } from './faults.js';
export { flush } from './flush.js';
export {
  addReplica,
  addShard,
  type AddShardOptions,
  removeReplica,
  removeShard,
  replaceNodes,
} from './membership.js';
export { cut, delay, faultProxyOf, heal, partition, type Whereabouts } from './network.js';
export { moveSlots, type MoveSlotsOptions, type Slots } from './move-slots.js';
