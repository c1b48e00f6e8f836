import type { Seed } from '../protocol.js';

export interface CrowdTask {
  readonly seeds: readonly Seed[];
  /** Clients in this process. */
  readonly clients: number;
  readonly callsPerSecondPerClient: number;
  readonly settleWithinMs: number;
}

/** In this order, each answered before the next. */
export type CrowdOrder =
  | { readonly kind: 'connect'; readonly task: CrowdTask }
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' };

export type CrowdReport =
  | { readonly kind: 'connected' }
  | { readonly kind: 'begun' }
  | { readonly kind: 'ended'; readonly tally: CrowdTally }
  | { readonly kind: 'failed'; readonly message: string };

export interface CrowdTally {
  readonly calls: number;
  readonly errors: ReadonlyMap<string, number>;
  readonly unsettled: number;
}
