import type { ClientName } from '../cluster/clients/registry.js';
import type { Sample } from '../cluster/measure.js';
import type { Machine } from './machine.js';

/** A whole run, as written to JSON; everything printed or drawn is made from it. */
export interface Report {
  readonly startedAt: string;
  /** The command line that repeats it. */
  readonly command: string;
  /** Nothing was left out or cut short, so that the results may be published. */
  readonly complete: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly machine: Machine;
  readonly server: string;
  /** Version of each measured client that is a package. */
  readonly versions: Partial<Record<ClientName, string>>;
  readonly results: readonly WorkloadResult[];
  readonly memory: readonly MemoryResult[];
  readonly importTimes: readonly ImportTime[];
  readonly sizes: readonly InstalledSize[];
}

export interface WorkloadResult {
  readonly workload: string;
  readonly clients: readonly ClientResult[];
}

/** Medians over the rounds, or why there are none. */
export type ClientResult =
  | { readonly client: ClientName; readonly median: Sample; readonly rounds: readonly Sample[] }
  | { readonly client: ClientName; readonly failure: string };

export type MemoryResult = MemoryMedians | { readonly client: ClientName; readonly failure: string };

export interface MemoryMedians {
  readonly client: ClientName;
  /** JavaScript heap and buffers that one more connected, idle node takes (20 nodes against 3). */
  readonly heapBytesPerLink: number;
  /** Resident memory of a whole process with one client, connected to 3 and to 20 nodes. */
  readonly rssBytesFewLinks: number;
  readonly rssBytesManyLinks: number;
  /** JavaScript heap and buffers of one command that is written and not answered. */
  readonly heapBytesPerCommand: number;
}

export interface ImportTime {
  readonly packageName: string;
  readonly medianMs: number;
}

export interface InstalledSize {
  readonly packageName: string;
  /** The package alone, and with everything it depends on. */
  readonly ownBytes: number;
  readonly totalBytes: number;
  readonly packages: number;
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The medians of a client that was measured and did not fail. */
export function sampleOf(result: WorkloadResult, client: ClientName): Sample | undefined {
  const found = result.clients.find((entry) => entry.client === client);
  return found !== undefined && 'median' in found ? found.median : undefined;
}
