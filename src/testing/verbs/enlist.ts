import { randomBytes } from 'node:crypto';
import type { Fleet } from '../fleet.js';
import type { Member } from '../member.js';
import { type Directive, type NodeEntry, nodesConf } from '../process/index.js';
import type { SlotSpan } from '../slots.js';

/** A name for a new shard, as the engine makes them. */
export function newShardId(): string {
  return randomBytes(20).toString('hex');
}

/** Adds the members of a new shard, primary first, and tells their lines of `nodes.conf`. Starts nothing. */
export async function enlistShard(
  fleet: Fleet,
  configEpoch: number,
  slots: readonly SlotSpan[],
): Promise<NodeEntry[]> {
  const shard = fleet.newShard();
  const shardId = newShardId();
  const primary = await fleet.enlist(shard, shardId, 'primary');
  const entries: NodeEntry[] = [entryOf(primary, undefined, configEpoch, slots)];
  for (let i = 0; i < fleet.options.replicasPerShard; i++) {
    entries.push(entryOf(await fleet.enlist(shard, shardId, 'replica'), primary.id, configEpoch, []));
  }
  return entries;
}

/** A member's line of `nodes.conf`. */
export function entryOf(
  { id, host, port, busPort, shardId }: Member,
  primaryId: string | undefined,
  configEpoch: number,
  slots: readonly SlotSpan[],
): NodeEntry {
  return { id, host, port, busPort, shardId, primaryId, configEpoch, slots };
}

/** Lets a member know these nodes at its first start. */
export async function writeNodesConf(
  fleet: Fleet,
  member: Member,
  entries: readonly NodeEntry[],
): Promise<void> {
  await fleet.write(member, 'nodes.conf', nodesConf(member.id, entries, fleet.knowsShardIds));
}

/** The line that makes a node without cluster mode a replica. */
export function replicaOf(primary: Member): Directive[] {
  return [['replicaof', `${primary.host} ${primary.port}`]];
}
