export { LagGuard, type LagGuardOptions } from './lag-guard.js';
export type { RefreshTrigger } from './refresh-trigger.js';
export { type RefresherOptions, TopologyRefresher } from './refresher.js';
export { parseSeeds, type ParsedSeeds, type Seed, type SeedProvider, type SeedsInput } from './seeds.js';
