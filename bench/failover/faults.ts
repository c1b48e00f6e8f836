import type { LocalCluster, LocalClusterOptions, LocalNode, SlotSpan } from '../../src/testing/index.js';
import { nowMs, pause } from './clock.js';

/** What a fault is given to strike with. */
export interface FaultContext {
  readonly cluster: LocalCluster;
  /** Resolves when a replica of the shard says that it is a primary. */
  promotion(shard: number): Promise<void>;
  /** Says that what was broken begins to come back now. */
  mend(atMs: number): void;
}

export interface Fault {
  readonly name: FaultName;
  readonly title: string;
  /** What happens, for the reader of the results. */
  readonly story: string;
  /** What its clusters need besides what all have. */
  readonly cluster?: LocalClusterOptions;
  /** The only seed is a name that resolves to the present nodes. */
  readonly hasSeedName?: boolean;
  /** Nothing is lost: every counter can and must be exact. */
  readonly isGraceful: boolean;
  /** Shards of a cluster just started that the fault strikes. */
  readonly struckShards: readonly number[];
  /** The shards of which a replica becomes primary. */
  readonly promotes: readonly number[];
  /** The node whose share of the reads is watched. */
  readonly watchesShareOf?: (cluster: LocalCluster) => LocalNode;
  /** The load goes on for so long after the cluster has got over it. */
  readonly loadAfterMs: number;
  /** Resolves when the cluster has got over it. */
  strike(context: FaultContext): Promise<void>;
}

export type FaultName =
  | 'hang'
  | 'kill'
  | 'failover'
  | 'reshard'
  | 'rolling-restart'
  | 'replica-hang'
  | 'replica-kill'
  | 'zone'
  | 'replace';

const STRUCK = 0;

/** A primary comes back as a replica so long after the promotion; a replica so long after it went. */
const AWAY_AFTER_PROMOTION_MS = 5_000;
const REPLICA_AWAY_MS = 5_000;

const LOAD_AFTER_MS = 2_000;
/** Long enough for a share to come back. */
const LOAD_AFTER_RETURN_MS = 6_000;

const primaryOf = (cluster: LocalCluster, shard: number): LocalNode =>
  cluster.nodes.find((node) => node.shard === shard && node.role === 'primary')!;

const replicaOf = (cluster: LocalCluster, shard: number): LocalNode =>
  cluster.nodes.find((node) => node.shard === shard && node.role === 'replica')!;

const zoneOf = ({ availabilityZone }: LocalNode): string => availabilityZone!;

const replicaIn = (cluster: LocalCluster, zone: string): LocalNode =>
  cluster.nodes.find(({ availabilityZone, role }) => availabilityZone === zone && role === 'replica')!;

/** The middle third of all slots, half of it from the first shard and half from the last of three. */
const thirdOfSlots: readonly SlotSpan[] = [
  [2_731, 5_460],
  [10_923, 13_653],
];

/** A primary goes, its replica is promoted, and it comes back. */
function losesPrimary(
  take: 'hang' | 'kill',
  giveBack: 'resume' | 'restart',
): Omit<Fault, 'name' | 'title' | 'story'> {
  return {
    isGraceful: false,
    struckShards: [STRUCK],
    promotes: [STRUCK],
    loadAfterMs: LOAD_AFTER_MS,
    async strike({ cluster, promotion, mend }) {
      const primary = primaryOf(cluster, STRUCK);
      await cluster[take](primary);
      await promotion(STRUCK);
      await pause(AWAY_AFTER_PROMOTION_MS);
      mend(nowMs());
      await cluster[giveBack](primary);
    },
  };
}

const all: readonly Fault[] = [
  {
    name: 'hang',
    title: 'A primary hangs',
    story:
      'SIGSTOP: its connections stay open and nothing answers. It goes on 5 s after its replica was promoted.',
    ...losesPrimary('hang', 'resume'),
  },
  {
    name: 'kill',
    title: 'A primary is killed',
    story: 'SIGKILL. It is started again, empty, 5 s after its replica was promoted.',
    ...losesPrimary('kill', 'restart'),
  },
  {
    name: 'failover',
    title: 'Graceful failover',
    story: '`CLUSTER FAILOVER`: a primary and its replica change places by agreement.',
    isGraceful: true,
    struckShards: [STRUCK],
    promotes: [STRUCK],
    loadAfterMs: LOAD_AFTER_MS,
    async strike({ cluster, mend }) {
      mend(nowMs());
      await cluster.failover(STRUCK);
    },
  },
  {
    name: 'reshard',
    title: 'A third of the slots moves',
    story: 'Half of the slots of two shards move, with their keys, to the other one.',
    isGraceful: true,
    struckShards: [0, 1, 2],
    promotes: [],
    loadAfterMs: LOAD_AFTER_MS,
    async strike({ cluster, mend }) {
      mend(nowMs());
      await cluster.moveSlots({ slots: thirdOfSlots, to: 1 });
    },
  },
  {
    name: 'rolling-restart',
    title: 'Every node is restarted',
    story:
      'Shard by shard: the replica is restarted, primary and replica change places by agreement, and the former primary is restarted. A restarted node begins empty and copies from its primary.',
    isGraceful: true,
    struckShards: [0, 1, 2],
    promotes: [],
    loadAfterMs: LOAD_AFTER_MS,
    async strike({ cluster, mend }) {
      mend(nowMs());
      for (const shard of cluster.shards) {
        const primary = primaryOf(cluster, shard);
        await cluster.restart(replicaOf(cluster, shard));
        await cluster.failover(shard);
        await cluster.restart(primary);
      }
    },
  },
  {
    name: 'replica-hang',
    title: 'A replica hangs',
    story: 'SIGSTOP for 5 s.',
    isGraceful: true,
    struckShards: [STRUCK],
    promotes: [],
    watchesShareOf: (cluster) => replicaOf(cluster, STRUCK),
    loadAfterMs: LOAD_AFTER_RETURN_MS,
    async strike({ cluster, mend }) {
      const replica = replicaOf(cluster, STRUCK);
      await cluster.hang(replica);
      await pause(REPLICA_AWAY_MS);
      mend(nowMs());
      await cluster.resume(replica);
    },
  },
  {
    name: 'replica-kill',
    title: 'A replica is killed',
    story: 'SIGKILL; it is started again, empty, after 5 s.',
    isGraceful: true,
    struckShards: [STRUCK],
    promotes: [],
    watchesShareOf: (cluster) => replicaOf(cluster, STRUCK),
    loadAfterMs: LOAD_AFTER_RETURN_MS,
    async strike({ cluster, mend }) {
      const replica = replicaOf(cluster, STRUCK);
      await cluster.kill(replica);
      await pause(REPLICA_AWAY_MS);
      mend(nowMs());
      await cluster.restart(replica);
    },
  },
  {
    name: 'zone',
    title: 'A zone is cut off',
    story:
      'Of three zones, one falls silent for clients and other nodes. A primary stands in it, and a replica of another shard. It is in touch again 5 s after the primary’s own replica was promoted.',
    isGraceful: false,
    cluster: { proxied: true, availabilityZones: ['a', 'b', 'c'] },
    struckShards: [STRUCK],
    promotes: [STRUCK],
    watchesShareOf: (cluster) => replicaIn(cluster, zoneOf(primaryOf(cluster, STRUCK))),
    loadAfterMs: LOAD_AFTER_RETURN_MS,
    async strike({ cluster, promotion, mend }) {
      await cluster.partition(zoneOf(primaryOf(cluster, STRUCK)));
      await promotion(STRUCK);
      await pause(AWAY_AFTER_PROMOTION_MS);
      mend(nowMs());
      await cluster.heal();
    },
  },
  {
    name: 'replace',
    title: 'Every node is replaced',
    story:
      'All nodes fall silent for clients; new ones with other addresses take their places and their data, and the old ones end. The only seed is a name, which resolves to the present nodes. The return is the moment when the new nodes are healthy.',
    isGraceful: false,
    cluster: { proxied: true, addresses: 'distinct' },
    hasSeedName: true,
    struckShards: [0, 1, 2],
    promotes: [],
    loadAfterMs: LOAD_AFTER_RETURN_MS,
    async strike({ cluster, mend }) {
      for (const node of cluster.nodes) cluster.proxyOf(node).blackhole();
      await cluster.replaceNodes();
      mend(nowMs());
    },
  },
];

export const faults: Readonly<Record<FaultName, Fault>> = Object.fromEntries(
  all.map((fault) => [fault.name, fault]),
) as Record<FaultName, Fault>;

export const faultNames: readonly FaultName[] = all.map(({ name }) => name);
