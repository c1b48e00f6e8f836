import type { ConnectFaulted } from './faulted-client.js';

export type FaultedClientName =
  | 'slotwise'
  | 'ioredis'
  | 'ioredis-tuned'
  | 'node-redis'
  | 'node-redis-tuned'
  | 'glide';

export interface FaultedClientEntry {
  readonly label: string;
  /** The npm package that is measured. */
  readonly packageName: string;
  /** How it is configured, for the reader of the results. */
  readonly setup: string;
  /** Can be given a function that resolves names. */
  readonly takesLookup: boolean;
  /** Taken unless a run names its clients. */
  readonly isUsual: boolean;
  /** Loads only the one client. */
  load(): Promise<{ connect: ConnectFaulted }>;
}

export const faultedClients: Readonly<Record<FaultedClientName, FaultedClientEntry>> = {
  slotwise: {
    label: 'Slotwise',
    packageName: 'slotwise',
    setup: "`readFrom: 'preferReplica'`, `commands: { timeoutMs: 10_000 }`",
    takesLookup: true,
    isUsual: true,
    load: () => import('./slotwise.js'),
  },
  ioredis: {
    label: 'ioredis',
    packageName: 'ioredis',
    setup: "`new Cluster(seeds, { scaleReads: 'slave' })`, else its defaults",
    takesLookup: true,
    isUsual: true,
    load: () => import('./ioredis.js'),
  },
  'ioredis-tuned': {
    label: 'ioredis, tuned',
    packageName: 'ioredis',
    setup:
      'besides `commandTimeout: 1000`, `socketTimeout: 2000`, `connectTimeout: 1000`, `slotsRefreshInterval: 2000`',
    takesLookup: true,
    isUsual: false,
    load: () => import('./ioredis-tuned.js'),
  },
  'node-redis': {
    label: 'node-redis',
    packageName: 'redis',
    setup: '`createCluster({ useReplicas: true })`, else its defaults',
    takesLookup: true,
    isUsual: true,
    load: () => import('./node-redis.js'),
  },
  'node-redis-tuned': {
    label: 'node-redis, tuned',
    packageName: 'redis',
    setup:
      'besides `socketTimeout: 2000`, `connectTimeout: 1000`, reconnects after at most 1 s, `commandOptions: { timeout: 1000 }`',
    takesLookup: true,
    isUsual: false,
    load: () => import('./node-redis-tuned.js'),
  },
  glide: {
    label: 'GLIDE',
    packageName: '@valkey/valkey-glide',
    setup: "`GlideClusterClient`, `readFrom: 'preferReplica'`, else its defaults",
    takesLookup: false,
    isUsual: true,
    load: () => import('./glide.js'),
  },
};

export const faultedClientNames: readonly FaultedClientName[] = Object.keys(
  faultedClients,
) as FaultedClientName[];
