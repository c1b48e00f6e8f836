import type { ClientName } from '../cluster/clients/registry.js';
import type { Seed } from '../cluster/protocol.js';

export interface MemoryTask {
  readonly client: ClientName;
  readonly seeds: readonly Seed[];
}

/** Resident memory with one client; what a further client adds to the heap, and a command in flight. */
export interface MemoryFigures {
  readonly kind: 'figures';
  readonly rssBytes: number;
  readonly heapBytesPerClient: number;
  readonly heapBytesPerCommand: number;
}

export type MemoryReport = MemoryFigures | { readonly kind: 'failed'; readonly message: string };
