import type { Connect } from './bench-client.js';

export type ClientName =
  | 'slotwise'
  | 'ioredis'
  | 'ioredis-auto'
  | 'iovalkey'
  | 'node-redis'
  | 'glide'
  | 'bare';

export interface ClientEntry {
  readonly label: string;
  /** The npm package that is measured; the bare sockets have none. */
  readonly packageName?: string;
  /** How it is configured, for the reader of the results. */
  readonly setup: string;
  /** Loads only the one client, so that no process pays for the others. */
  load(): Promise<{ connect: Connect }>;
}

export const clients: Readonly<Record<ClientName, ClientEntry>> = {
  slotwise: {
    label: 'Slotwise',
    packageName: 'slotwise',
    setup: '`createClient({ seeds })`; MGET and MSET by its own scatter and gather',
    load: () => import('./slotwise.js'),
  },
  ioredis: {
    label: 'ioredis Cluster',
    packageName: 'ioredis',
    setup: '`new Cluster(seeds)`; MGET and MSET as 100 single commands at once',
    load: () => import('./ioredis.js'),
  },
  'ioredis-auto': {
    label: 'ioredis Cluster, auto-pipelining',
    packageName: 'ioredis',
    setup: '`enableAutoPipelining: true`; MGET and MSET as 100 single commands at once',
    load: () => import('./ioredis-auto.js'),
  },
  iovalkey: {
    label: 'iovalkey Cluster, auto-pipelining',
    packageName: 'iovalkey',
    setup: '`enableAutoPipelining: true`; MGET and MSET as 100 single commands at once',
    load: () => import('./iovalkey.js'),
  },
  'node-redis': {
    label: 'node-redis cluster',
    packageName: 'redis',
    setup:
      '`createCluster` without command timeouts (the default ones cost half its throughput); MGET and MSET as 100 single commands at once',
    load: () => import('./node-redis.js'),
  },
  glide: {
    label: 'Valkey GLIDE',
    packageName: '@valkey/valkey-glide',
    setup: '`GlideClusterClient`, limit on in-flight requests and timeout raised; its own MGET and MSET',
    load: () => import('./glide.js'),
  },
  bare: {
    label: 'bare sockets (the limit)',
    setup:
      'one `net.Socket` per primary, slots known beforehand, one write per tick, a minimal parser: no product',
    load: () => import('./bare.js'),
  },
};

export const clientNames: readonly ClientName[] = Object.keys(clients) as ClientName[];

/** Slotwise is what is measured and the bare sockets are the limit; the rest are what one would use instead. */
export function isOther(name: ClientName): boolean {
  return name !== 'slotwise' && name !== 'bare';
}
