import type { Entrance, FaultedClient } from './faulted-client.js';
import { connectCluster } from './node-redis.js';

const MAX_RECONNECT_MS = 1_000;

/** Every timeout that node-redis has. */
export function connect(entrance: Entrance): Promise<FaultedClient> {
  return connectCluster(entrance, {
    defaults: {
      socket: {
        socketTimeout: 2_000,
        connectTimeout: 1_000,
        reconnectStrategy: (retries) => Math.min(2 ** retries * 50, MAX_RECONNECT_MS),
      },
    },
    commandOptions: { timeout: 1_000 },
  });
}
