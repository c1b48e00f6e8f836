import type { Fleet } from '../fleet.js';
import { HarnessError } from '../harness-error.js';
import type { Member } from '../member.js';

/** Until the replicas have emptied themselves too. */
const FLUSH_DEADLINE_MS = 20_000;

/** Deletes every key, also from the running replicas. */
export async function flush(fleet: Fleet): Promise<void> {
  const primaries = fleet.reachable.filter(({ role }) => role === 'primary');
  await Promise.all(primaries.map((primary) => flushShard(fleet, primary)));
}

async function flushShard(fleet: Fleet, primary: Member): Promise<void> {
  const replicas = fleet
    .ofShard(primary.shard)
    .filter(({ role, isReachable }) => role === 'replica' && isReachable);
  await primary.callWithin(FLUSH_DEADLINE_MS, 'FLUSHALL');
  if (replicas.length === 0) return;
  const followed = await primary.callWithin(
    2 * FLUSH_DEADLINE_MS,
    'WAIT',
    replicas.length,
    FLUSH_DEADLINE_MS,
  );
  if (Number(followed) >= replicas.length) return;
  throw new HarnessError(
    `flush: ${Number(followed)} of ${replicas.length} replicas of ${primary.address} followed within ${FLUSH_DEADLINE_MS} ms`,
  );
}
