import { Cluster } from 'ioredis';
import type { Seed } from '../protocol.js';
import type { FaultedClient } from './faulted-client.js';
import { connected } from './ioredis.js';

/** Every timeout that ioredis has, and a topology that is renewed without an occasion. */
export function connect(seeds: readonly Seed[]): Promise<FaultedClient> {
  return connected(
    new Cluster([...seeds], {
      scaleReads: 'slave',
      slotsRefreshInterval: 2_000,
      redisOptions: { commandTimeout: 1_000, socketTimeout: 2_000, connectTimeout: 1_000 },
    }),
  );
}
