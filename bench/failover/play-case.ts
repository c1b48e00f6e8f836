import { Redis } from 'ioredis';
import { LocalCluster, type LocalNode } from '../../src/testing/index.js';
import type { Belongings } from './belongings.js';
import { WorkerChild } from './child-process.js';
import type { FaultedClientName } from './clients/registry.js';
import { nowMs, pause } from './clock.js';
import type { Fault } from './faults.js';
import { keysByShard, valueOf } from './keys.js';
import { Promotions } from './promotions.js';
import {
  type LoadOrder,
  type LoadReport,
  type LoadTask,
  SEED_NAME,
  seedOf,
  type ShardKeys,
} from './protocol.js';
import { ReplicaShare } from './replica-share.js';
import {
  caseFigures,
  type CaseFigures,
  type CounterFigures,
  counterFigures,
  type Moments,
  shareBackAfterMs,
  type Timeline,
  timelineOf,
} from './statistics.js';

/** `cluster-require-full-coverage`: whether a shard without a primary makes the others refuse service. */
export type Coverage = 'yes' | 'no';

/** One client, one fault, one cluster. */
export interface Case {
  readonly fault: Fault;
  readonly client: FaultedClientName;
  readonly coverage: Coverage;
  /** Load before the fault. */
  readonly loadBeforeMs: number;
}

/** What a case came to, as written to JSON. */
export interface CaseResult extends CaseFigures {
  readonly counters: CounterFigures;
  /** `null`: no share is watched in this fault, or it did not come back. */
  readonly shareBackAfterMs: number | null;
  /** From the fault to when what was broken began to come back, and to when the servers had got over it. */
  readonly mendedAfterMs: number | null;
  readonly calmAfterMs: number;
  /** What the machine did to the load: calls left out, and the latest tick. */
  readonly skipped: number;
  readonly worstTickDelayMs: number;
  readonly strayErrors: readonly string[];
  readonly timeline: Timeline;
  /** E.g. `redis 7.0.15`. */
  readonly server: string;
}

const SHARDS = 3;
const REPLICAS_PER_SHARD = 1;
const NODE_TIMEOUT_MS = 2_000;

/** Pending calls are watched for so long after the last one was made: longer than the deadline of any of them. */
const SETTLE_WITHIN_MS = 15_000;
const ANSWER_WITHIN_MS = 30_000;

const RESOLVE_EVERY_MS = 50;

/** Beside the keys of the load, so that slots that move have something to carry. */
const FILLING_KEYS = 5_000;

/** Every copy has the keys before the load begins. */
const COPIED_WITHIN_MS = 5_000;

export async function playCase(
  { fault, client, coverage, loadBeforeMs }: Case,
  belongings: Belongings,
): Promise<CaseResult> {
  const cluster = await belongings.add(
    await LocalCluster.start({
      ...fault.cluster,
      shards: SHARDS,
      replicasPerShard: REPLICAS_PER_SHARD,
      nodeTimeoutMs: NODE_TIMEOUT_MS,
      config: { 'cluster-require-full-coverage': coverage },
    }),
    (started) => started.stop(),
  );
  const keys = keysByShard(cluster.shards, (key) => cluster.primaryOf(key).shard);
  await fill(cluster, keys);

  const worker = await belongings.add(new WorkerChild<LoadOrder, LoadReport>('load-worker'), (child) =>
    child.stop(),
  );
  const task: LoadTask = { client, ...entranceOf(cluster, fault), keys, settleWithinMs: SETTLE_WITHIN_MS };
  await worker.ask({ kind: 'connect', task }, 'connected', ANSWER_WITHIN_MS);

  const promotedReplicas = cluster.nodes.filter(
    ({ role, shard }) => role === 'replica' && fault.promotes.includes(shard),
  );
  const promotions = await belongings.add(new Promotions(promotedReplicas), (watch) => watch.stop());
  const watched = fault.watchesShareOf?.(cluster);
  const share = watched && (await belongings.add(new ReplicaShare(watched), (watch) => watch.stop()));

  const { atMs: beganAtMs } = await worker.ask({ kind: 'begin' }, 'begun', ANSWER_WITHIN_MS);
  await pause(loadBeforeMs);
  let mendedAtMs: number | undefined;
  const faultAtMs = nowMs();
  const struck = fault.strike({
    cluster,
    promotion: (shard) => promotions.wait(shard),
    mend: (atMs) => (mendedAtMs = atMs),
  });
  await (fault.hasSeedName === true ? whileResolving(cluster, worker, struck) : struck);
  const calmAtMs = nowMs();
  await pause(fault.loadAfterMs);
  const { result } = await worker.ask({ kind: 'end' }, 'ended', SETTLE_WITHIN_MS + ANSWER_WITHIN_MS);

  const finals = await countersOf(cluster, keys);
  await worker.ask({ kind: 'close' }, 'closed', ANSWER_WITHIN_MS);
  const moments: Moments = {
    beganAtMs,
    faultAtMs,
    promotedAtMs: fault.promotes.length === 1 ? promotions.promotedAtMs(fault.promotes[0]!) : undefined,
    mendedAtMs,
    calmAtMs,
    endedAtMs: result.endedAtMs,
  };
  return {
    ...caseFigures(result.records, fault.struckShards, moments),
    counters: counterFigures(result.counters, finals),
    shareBackAfterMs: share ? shareBackAfterMs(share.samples, moments) : null,
    mendedAfterMs: mendedAtMs === undefined ? null : mendedAtMs - faultAtMs,
    calmAfterMs: calmAtMs - faultAtMs,
    skipped: result.skipped,
    worstTickDelayMs: result.worstTickDelayMs,
    strayErrors: result.strayErrors,
    timeline: timelineOf(result.records, fault.struckShards, moments),
    server: `${cluster.engine} ${cluster.version}`,
  };
}

function entranceOf(cluster: LocalCluster, fault: Fault): Pick<LoadTask, 'seeds' | 'hosts'> {
  if (fault.hasSeedName !== true) return { seeds: cluster.seeds.map(seedOf) };
  return { seeds: [{ host: SEED_NAME, port: cluster.nodes[0]!.port }], hosts: hostsOf(cluster) };
}

const hostsOf = (cluster: LocalCluster): string[] => cluster.nodes.map(({ host }) => host);

/** Tells the worker what the seed's name resolves to, until `work` has ended and once more. */
async function whileResolving(
  cluster: LocalCluster,
  worker: WorkerChild<LoadOrder, LoadReport>,
  work: Promise<void>,
): Promise<void> {
  let isOver = false;
  const news = async (): Promise<void> => {
    for (let isLast = false; !isLast; await pause(RESOLVE_EVERY_MS)) {
      isLast = isOver;
      await worker.ask({ kind: 'resolve', hosts: hostsOf(cluster) }, 'resolved', ANSWER_WITHIN_MS);
    }
  };
  const ended = work.finally(() => (isOver = true));
  await Promise.all([ended, news()]);
}

/** Writes what is read, and more; every replica has it when this resolves. */
async function fill(cluster: LocalCluster, keys: readonly ShardKeys[]): Promise<void> {
  const filling = Array.from({ length: FILLING_KEYS }, (_, index) => `filling:${index}`);
  for (const shard of cluster.shards) {
    const primary = primaryOf(cluster, shard);
    const own = keys.find((each) => each.shard === shard)!;
    const here = filling.filter((key) => cluster.primaryOf(key).shard === shard);
    await withNode(primary, async (node) => {
      await Promise.all([...own.read, ...own.write, ...here].map((key) => node.set(key, valueOf(key))));
      const copies = await node.wait(REPLICAS_PER_SHARD, COPIED_WITHIN_MS);
      if (copies < REPLICAS_PER_SHARD) throw new Error(`shard ${shard} has no complete copy`);
    });
  }
}

/** Asked of the primaries themselves, which may have changed. */
async function countersOf(
  cluster: LocalCluster,
  keys: readonly ShardKeys[],
): Promise<ReadonlyMap<string, number>> {
  await cluster.waitUntilHealthy();
  const finals = new Map<string, number>();
  for (const shard of cluster.shards) {
    const here = keys
      .flatMap(({ increment }) => increment)
      .filter((key) => cluster.primaryOf(key).shard === shard);
    await withNode(primaryOf(cluster, shard), async (node) => {
      for (const key of here) finals.set(key, Number(await node.get(key)));
    });
  }
  return finals;
}

function primaryOf(cluster: LocalCluster, shard: number): LocalNode {
  return cluster.nodes.find((node) => node.shard === shard && node.role === 'primary')!;
}

async function withNode({ directAddress }: LocalNode, use: (node: Redis) => Promise<void>): Promise<void> {
  const node = new Redis({ ...seedOf(directAddress), disableClientInfo: true });
  try {
    await use(node);
  } finally {
    node.disconnect();
  }
}
