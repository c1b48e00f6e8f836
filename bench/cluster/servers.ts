import { LocalCluster } from '../../src/testing/index.js';
import type { Seed } from './protocol.js';

/** A cluster of primaries on loopback, without replicas: what is measured is the client. */
export interface Servers {
  readonly seeds: readonly Seed[];
  /** E.g. `redis 7.0.15`. */
  readonly version: string;
  stop(): Promise<void>;
}

export async function startPrimaries(count: number): Promise<Servers> {
  const cluster = await LocalCluster.start({ shards: count, replicasPerShard: 0 });
  return {
    seeds: cluster.nodes.map(({ host, port }) => ({ host, port })),
    version: `${cluster.engine} ${cluster.version}`,
    stop: () => cluster.stop(),
  };
}
