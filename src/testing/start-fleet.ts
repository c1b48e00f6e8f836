import { Fleet } from './fleet.js';
import type { ResolvedLocalClusterOptions } from './options.js';
import type { NodeEntry } from './process/index.js';
import type { ServerBinary } from './server-binary/index.js';
import { evenSpans, type SlotSpan } from './slots.js';
import { enlistShard, newShardId, replicaOf, writeNodesConf } from './verbs/index.js';

/** How often a start is repeated because another program took a port in the moment between our look and the bind. */
const MAX_STARTS = 3;
const PORT_TAKEN = /Address already in use|Failed listening on port/i;

/** Starts a cluster and waits until it is well. Leaves nothing behind when that fails. */
export async function startFleet(options: ResolvedLocalClusterOptions, server: ServerBinary): Promise<Fleet> {
  for (let started = 1; ; started++) {
    const fleet = await Fleet.create(options, server);
    try {
      await (fleet.isCluster ? startCluster(fleet) : startStandalone(fleet));
      fleet.startWatching();
      return fleet;
    } catch (error) {
      await fleet.stop();
      const portTaken = error instanceof Error && PORT_TAKEN.test(error.message);
      if (!portTaken || started === MAX_STARTS) throw error;
    }
  }
}

async function startCluster(fleet: Fleet): Promise<void> {
  const { shards } = fleet.options;
  const spans = evenSpans(shards);
  const entries: NodeEntry[] = [];
  for (let shard = 0; shard < shards; shard++) {
    // Every primary an epoch of its own, as after a vote: nothing is left for the nodes to settle.
    entries.push(...(await enlistShard(fleet, shard + 1, [spans[shard] as SlotSpan])));
  }
  await Promise.all(fleet.members.map((member) => writeNodesConf(fleet, member, entries)));
  // A primary serves two seconds after its own start; replicas need not hold it up.
  for (const role of ['primary', 'replica']) {
    const members = fleet.members.filter((member) => member.role === role);
    await Promise.all(members.map((member) => member.start()));
  }
  await fleet.agree('the new cluster is healthy', { started: fleet.members });
}

async function startStandalone(fleet: Fleet): Promise<void> {
  const shard = fleet.newShard();
  const shardId = newShardId();
  const primary = await fleet.enlist(shard, shardId, 'primary');
  await primary.start();
  // A replica that finds no primary yet would wait a whole second before it tries again.
  await fleet.until(`${primary.address} answers`, () => primary.call('PING'), [primary]);
  for (let i = 0; i < fleet.options.replicasPerShard; i++) {
    const replica = await fleet.enlist(shard, shardId, 'replica');
    await fleet.writeConfig(replica, replicaOf(primary));
    await replica.start();
  }
  await fleet.agree('the primary and its replicas are in step', { started: fleet.members });
}
