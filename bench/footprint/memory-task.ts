import type { ClientName } from '../cluster/clients/registry.js';
import type { Seed } from '../cluster/protocol.js';

export interface MemoryTask {
  readonly client: ClientName;
  readonly seeds: readonly Seed[];
}

/** What connecting added, and what one command in flight adds. */
export interface MemoryFigures {
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly heapBytesPerCommand: number;
}
