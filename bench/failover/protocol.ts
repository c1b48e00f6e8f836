import type { FaultedClientName } from './clients/registry.js';
import type { CallRecords } from './records.js';

export interface Seed {
  readonly host: string;
  readonly port: number;
}

/** A name that goes on resolving to the present nodes, as the configuration endpoint of ElastiCache does. */
export const SEED_NAME = 'cluster.test';

/** @param address - `host:port` */
export function seedOf(address: string): Seed {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}

/** The keys of one shard, each family used by one kind of call. */
export interface ShardKeys {
  readonly shard: number;
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly increment: readonly string[];
}

/** What a worker gets with its order to connect. */
export interface LoadTask {
  readonly client: FaultedClientName;
  readonly seeds: readonly Seed[];
  /** What {@link SEED_NAME} resolves to at first; without, the seeds are addresses. */
  readonly hosts?: readonly string[];
  readonly keys: readonly ShardKeys[];
  /** How long calls that are pending when the load ends are waited for. */
  readonly settleWithinMs: number;
}

/** In this order, each answered before the next; 'resolve' any number of times. */
export type LoadOrder =
  | { readonly kind: 'connect'; readonly task: LoadTask }
  | { readonly kind: 'begin' }
  | { readonly kind: 'resolve'; readonly hosts: readonly string[] }
  | { readonly kind: 'end' }
  | { readonly kind: 'close' };

export type LoadReport =
  | { readonly kind: 'connected' }
  | { readonly kind: 'begun'; readonly atMs: number }
  | { readonly kind: 'resolved' }
  | { readonly kind: 'ended'; readonly result: LoadResult }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly message: string };

export interface LoadResult {
  readonly records: CallRecords;
  /** When the last call was issued. */
  readonly endedAtMs: number;
  /** Calls that were due and not made, since too many were pending or the process was kept from running. */
  readonly skipped: number;
  /** The longest time by which a tick was late: what the machine, not the client, did. */
  readonly worstTickDelayMs: number;
  readonly counters: readonly CounterTally[];
  /** Errors that the client threw at nobody (uncaught, or rejections that nobody could handle). */
  readonly strayErrors: readonly string[];
}

/** What one counter's INCRs came to, as their caller was told. */
export interface CounterTally {
  readonly key: string;
  readonly acknowledged: number;
  /** Failed or pending, and not known to be without effect. */
  readonly maybe: number;
}
