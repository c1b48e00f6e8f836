export { type ClientStatus } from './client-core.js';
export { ClusterClient, createClient, type Key } from './cluster-client.js';
export { CHANNEL_OF, type ClientEvent, type ClientEvents } from './events.js';
export type { ExplainedCandidate, Explanation } from './explain.js';
export {
  type ClientOptions,
  type CommandOptions,
  type CommandSettings,
  DEFAULT_OPTIONS,
  type LinkSettings,
  type NodeAddress,
  type ResolvedOptions,
  type RetrySettings,
  type CircuitSettings,
  type HedgeSettings,
  type LagSettings,
  type TopologySettings,
} from './options.js';
export type { ClientSnapshot, NodeSnapshot } from './snapshot.js';
