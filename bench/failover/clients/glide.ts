import { GlideClusterClient, Logger } from '@valkey/valkey-glide';
import type { Entrance, FaultedClient } from './faulted-client.js';

export async function connect({ seeds }: Entrance): Promise<FaultedClient> {
  Logger.setLoggerConfig('off');
  const cluster = await GlideClusterClient.createClient({
    addresses: [...seeds],
    readFrom: 'preferReplica',
  });
  return {
    read: async (key) => (await cluster.get(key)) as string | null,
    write: (key, value) => cluster.set(key, value),
    increment: (key) => cluster.incr(key),
    async close() {
      cluster.close();
    },
  };
}
