import type { ClientName } from '../cluster/clients/registry.js';
import type { Seed } from '../cluster/protocol.js';

export interface MemoryTask {
  readonly client: ClientName;
  readonly seeds: readonly Seed[];
}

/** What connecting the first client added, one further client adds, and one command in flight adds. */
export interface MemoryFigures {
  readonly kind: 'figures';
  readonly rssBytesConnected: number;
  readonly heapBytesPerClient: number;
  readonly rssBytesPerClient: number;
  readonly heapBytesPerCommand: number;
}

export type MemoryReport = MemoryFigures | { readonly kind: 'failed'; readonly message: string };
