export type { Direction } from './conditions.js';
export type { ProxyCounters } from './counters.js';
export {
  type FaultDirection,
  type FaultName,
  type FaultProxyOptions,
  type LatencyOptions,
  MAX_LATENCY_MS,
} from './fault-options.js';
export { FaultProxy, faultsOf } from './fault-proxy.js';
export type { Credentials } from './frozen-topology.js';
export { Proxy, type Surroundings } from './proxy.js';
export type { AnswerOptions, CommandChoice, CutOptions, GarbageOptions } from './reply-faults.js';
