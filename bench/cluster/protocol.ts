import type { ClientName } from './clients/registry.js';
import type { Sample } from './measure.js';

export interface Seed {
  readonly host: string;
  readonly port: number;
}

/** The worker's only argument, as JSON. */
export interface WorkerTask {
  readonly client: ClientName;
  readonly workload: string;
  readonly seeds: readonly Seed[];
}

/** What the runner tells a worker. */
export type WorkerOrder = { readonly kind: 'measure'; readonly seconds: number } | { readonly kind: 'stop' };

/** What a worker answers: 'ready' once by itself, then one answer to each order. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'sample'; readonly sample: Sample }
  | { readonly kind: 'failed'; readonly message: string };
