import { between, oneOf } from '../draw.js';
import { closeAllLinks } from '../servers.js';
import {
  anyPrimary,
  anyReplica,
  clientKnows,
  type Fault,
  FAILING,
  fault,
  HARMLESS,
  lasting,
  LOSSY,
  type Scene,
} from './fault.js';

/** Fewer than the node timeout of any cluster here, so that no replica is promoted. */
const BRIEFLY_MS = { least: 100, most: 600 };
/** From unnoticed by the cluster to well beyond its node timeout. */
const REPLICA_AWAY_MS = { least: 200, most: 3_000 };
const SLOTS_MOVED = { least: 50, most: 1_500 };
const SLOT_COUNT = 16_384;
/** More shards are not worth their processes. */
const MAX_SHARDS = 4;

const killPrimary = fault(
  'kill-primary',
  'a primary dies; its replica is promoted; it comes back empty',
  LOSSY,
  async (scene) => {
    const { cluster } = scene;
    const primary = anyPrimary(scene);
    await cluster.kill(primary);
    // Back before the promotion, it would be an empty primary, and its replicas would empty themselves too.
    await cluster.waitUntilHealthy();
    await cluster.restart(primary);
  },
  { replicasMayMiss: ['redis', 'valkey'] },
);

const hangPrimary = fault(
  'hang-primary',
  'a primary hangs; its replica is promoted; it goes on, and believes for a moment to be primary still',
  LOSSY,
  async (scene) => {
    const { cluster } = scene;
    const primary = anyPrimary(scene);
    await cluster.hang(primary);
    await cluster.waitUntilHealthy();
    await cluster.resume(primary);
  },
);

const hangPrimaryBriefly = fault(
  'hang-primary-briefly',
  'a primary hangs, and goes on before anybody replaces it',
  // On a machine that stands still itself the cluster may promote a replica all the same.
  LOSSY,
  async (scene) => {
    const { cluster, random } = scene;
    const primary = anyPrimary(scene);
    await cluster.hang(primary);
    await lasting(between(random, BRIEFLY_MS.least, BRIEFLY_MS.most), scene);
    await cluster.resume(primary);
  },
);

const killReplica = fault(
  'kill-replica',
  'a replica dies, and comes back empty',
  HARMLESS,
  async (scene) => {
    const { cluster, random } = scene;
    const replica = anyReplica(scene);
    await cluster.kill(replica);
    await lasting(between(random, REPLICA_AWAY_MS.least, REPLICA_AWAY_MS.most), scene);
    await cluster.restart(replica);
  },
  { replicasMayMiss: ['redis', 'valkey'] },
);

const hangReplica = fault('hang-replica', 'a replica hangs, and goes on', HARMLESS, async (scene) => {
  const { cluster, random } = scene;
  const replica = anyReplica(scene);
  await cluster.hang(replica);
  await lasting(between(random, REPLICA_AWAY_MS.least, REPLICA_AWAY_MS.most), scene);
  await cluster.resume(replica);
});

const gracefulFailover = fault(
  'failover',
  'a replica takes over in agreement with its primary',
  HARMLESS,
  async (scene) => {
    await scene.cluster.failover(anyPrimary(scene).shard);
  },
);

const forcedFailover = fault(
  'failover-forced',
  'a replica takes over without asking its primary, by the votes of the others',
  LOSSY,
  async (scene) => {
    await scene.cluster.failover(anyPrimary(scene).shard, { mode: 'force' });
  },
);

const takeover = fault('takeover', 'a replica takes over without asking anybody', LOSSY, async (scene) => {
  await scene.cluster.failover(anyPrimary(scene).shard, { mode: 'takeover' });
});

const moveSlots = fault(
  'move-slots',
  'slots move to another shard, with their keys',
  HARMLESS,
  async (scene) => {
    const { cluster, random, say } = scene;
    const count = between(random, SLOTS_MOVED.least, SLOTS_MOVED.most);
    const first = between(random, 0, SLOT_COUNT - count);
    const to = oneOf(random, cluster.shards);
    say(`${count} slots from ${first} on, to shard ${to}`);
    await cluster.moveSlots({ slots: [[first, first + count - 1]], to });
  },
  { replicasMayMiss: ['redis'] },
);

const addAndRemoveShard = fault(
  'add-remove-shard',
  'a shard comes and takes its share of the slots; another one, or the same, goes',
  HARMLESS,
  async (scene) => {
    const { cluster, random, say } = scene;
    if (cluster.shards.length < MAX_SHARDS) say(`shard ${await cluster.addShard()} came`);
    await clientKnows(scene);
    const leaving = oneOf(random, cluster.shards);
    await cluster.removeShard(leaving);
    say(`shard ${leaving} went`);
  },
  { replicasMayMiss: ['redis', 'valkey'] },
);

const replaceNodes = fault(
  'replace-nodes',
  'new nodes with new addresses take the places of all; the old ones end together',
  HARMLESS,
  async (scene) => {
    await scene.cluster.replaceNodes();
  },
  { replicasMayMiss: ['redis', 'valkey'] },
);

const restartAll = fault(
  'rolling-restart',
  'every node is restarted in turn, primaries after a graceful failover',
  HARMLESS,
  async (scene) => {
    for (const shard of scene.cluster.shards) await restartShard(scene, shard);
  },
  { replicasMayMiss: ['redis', 'valkey'] },
);

const restartOneShard = fault(
  'restart-shard',
  'every node of a shard is restarted in turn, its primary after a graceful failover',
  HARMLESS,
  async (scene) => {
    await restartShard(scene, anyPrimary(scene).shard);
  },
  { replicasMayMiss: ['redis', 'valkey'] },
);

async function restartShard(scene: Scene, shard: number): Promise<void> {
  const { cluster } = scene;
  const nodes = cluster.nodes.filter((node) => node.shard === shard);
  const primary = nodes.find(({ role }) => role === 'primary');
  if (primary === undefined) throw new Error(`Shard ${shard} has no primary`);
  for (const replica of nodes) if (replica !== primary) await cluster.restart(replica);
  await cluster.failover(shard);
  await clientKnows(scene);
  await cluster.restart(primary);
}

const severLinks = fault(
  'kill-links',
  'a node closes the links of all its clients',
  FAILING,
  async (scene) => {
    const node = scene.random() < 0.5 ? anyPrimary(scene) : anyReplica(scene);
    await closeAllLinks(node);
  },
);

/** Faults that need nothing but servers. */
export const plainFaults: readonly Fault[] = [
  killPrimary,
  hangPrimary,
  hangPrimaryBriefly,
  killReplica,
  hangReplica,
  gracefulFailover,
  forcedFailover,
  takeover,
  moveSlots,
  addAndRemoveShard,
  restartOneShard,
  restartAll,
  replaceNodes,
  severLinks,
];
