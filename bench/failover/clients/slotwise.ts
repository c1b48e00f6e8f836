import { createClient, SlotwiseError } from 'slotwise';
import type { Entrance, FaultedClient } from './faulted-client.js';

/** Long enough to wait for a promotion. */
export const SLOTWISE_TIMEOUT_MS = 10_000;

export async function connect({ seeds, lookup }: Entrance): Promise<FaultedClient> {
  const client = await createClient({
    seeds: [...seeds],
    ...(lookup && { lookup }),
    readFrom: 'preferReplica',
    commands: { timeoutMs: SLOTWISE_TIMEOUT_MS },
  });
  return {
    read: (key) => client.get(key),
    write: (key, value) => client.set(key, value),
    increment: (key) => client.incr(key),
    isWithoutEffect: (error) => error instanceof SlotwiseError && error.executed === 'no',
    close: () => client.close(),
  };
}
