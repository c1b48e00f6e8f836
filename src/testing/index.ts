export { eventually, type EventuallyOptions } from './eventually.js';
export { HarnessError } from './harness-error.js';
export { LocalCluster } from './local-cluster.js';
export type { LocalNode, NodeRole } from './member.js';
export type { LocalClusterOptions, LocalUser } from './options.js';
export type { NodeState } from './process/index.js';
export {
  type AnswerOptions,
  type CommandChoice,
  type Credentials,
  type CutOptions,
  type Direction,
  type FaultDirection,
  type FaultName,
  FaultProxy,
  type FaultProxyOptions,
  type GarbageOptions,
  type LatencyOptions,
  type ProxyCounters,
} from './proxy/index.js';
export {
  type Engine,
  findServer,
  type FindServerOptions,
  type ServerBinary,
  type ServerVersion,
} from './server-binary/index.js';
export type { TlsMaterial } from './tls/index.js';
export type {
  AddShardOptions,
  FailoverMode,
  FailoverOptions,
  MoveSlotsOptions,
  Slots,
  Whereabouts,
} from './verbs/index.js';
export type { SlotSpan } from './slots.js';
