import type { LookupFunction } from 'node:net';
import type { Seed } from '../protocol.js';

/** What every client is asked to do while its cluster is broken. */
export interface FaultedClient {
  /** GET, from a replica if the client can. */
  read(key: string): Promise<string | null>;
  /** SET. */
  write(key: string, value: string): Promise<unknown>;
  /** INCR. */
  increment(key: string): Promise<unknown>;
  /** Whether a rejected call is certain not to have taken effect. A client without this cannot say. */
  isWithoutEffect?(error: unknown): boolean;
  close(): Promise<void>;
}

/** Where a client begins. */
export interface Entrance {
  readonly seeds: readonly Seed[];
  /** Resolves names; only given where a seed is a name that the system does not know. */
  readonly lookup?: LookupFunction;
}

/** Resolves when the client can serve commands. */
export type ConnectFaulted = (entrance: Entrance) => Promise<FaultedClient>;
