import { LocalCluster } from '../../../src/testing/index.js';
import type { Belongings } from '../belongings.js';
import { WorkerChild } from '../child-process.js';
import { nowMs, pause } from '../clock.js';
import { Promotions } from '../promotions.js';
import { seedOf } from '../protocol.js';
import type { CrowdOrder, CrowdReport } from './crowd-protocol.js';
import type { CrowdResult } from './crowd-result.js';
import { questionFigures, questionSamples, Questions } from './questions.js';

const STRUCK = 0;
const CALLS_PER_SECOND_PER_CLIENT = 1;

/** After everybody has connected; clients ask more often while their view of the cluster is new. */
const SETTLE_DOWN_MS = 15_000;
const BEFORE_MS = 10_000;
const AWAY_AFTER_PROMOTION_MS = 5_000;
const AFTER_MS = 10_000;
const SETTLE_WITHIN_MS = 15_000;
const ANSWER_WITHIN_MS = 120_000;

/** A primary hangs while many clients use its cluster: how often do they ask the nodes about the topology? */
export async function playCrowd(
  { clients, processes, note }: { clients: number; processes: number; note: (line: string) => void },
  belongings: Belongings,
): Promise<CrowdResult> {
  const cluster = await belongings.add(
    await LocalCluster.start({
      nodeTimeoutMs: 2_000,
      config: { 'cluster-require-full-coverage': 'no', maxclients: String(2 * clients + 1_000) },
    }),
    (started) => started.stop(),
  );
  const seeds = cluster.seeds.map(seedOf);
  const workers: WorkerChild<CrowdOrder, CrowdReport>[] = [];
  const count = Math.min(processes, clients);
  for (let worker = 0; worker < count; worker++) {
    workers.push(
      await belongings.add(new WorkerChild<CrowdOrder, CrowdReport>('crowd/crowd-worker'), (child) =>
        child.stop(),
      ),
    );
  }
  const share = (worker: number): number =>
    Math.floor(((worker + 1) * clients) / count) - Math.floor((worker * clients) / count);
  await Promise.all(
    workers.map((worker, index) => {
      const task = {
        seeds,
        clients: share(index),
        callsPerSecondPerClient: CALLS_PER_SECOND_PER_CLIENT,
        settleWithinMs: SETTLE_WITHIN_MS,
      };
      return worker.ask({ kind: 'connect', task }, 'connected', ANSWER_WITHIN_MS);
    }),
  );
  note(`${clients} clients are connected`);

  const questions = await belongings.add(new Questions(cluster.nodes), (watch) => watch.stop());
  const primary = cluster.nodes.find(({ shard, role }) => shard === STRUCK && role === 'primary')!;
  const replicas = cluster.nodes.filter(({ shard, role }) => shard === STRUCK && role === 'replica');
  const promotions = await belongings.add(new Promotions(replicas), (watch) => watch.stop());
  await Promise.all(workers.map((worker) => worker.ask({ kind: 'begin' }, 'begun', ANSWER_WITHIN_MS)));
  await pause(SETTLE_DOWN_MS + BEFORE_MS);

  const faultAtMs = nowMs();
  await cluster.hang(primary);
  note('a primary hangs');
  await promotions.wait(STRUCK);
  const promotedAfterMs = promotions.promotedAtMs(STRUCK)! - faultAtMs;
  await pause(AWAY_AFTER_PROMOTION_MS);
  const mendedAfterMs = nowMs() - faultAtMs;
  await cluster.resume(primary);
  note('it has come back');
  await pause(AFTER_MS);
  const endedAfterMs = nowMs() - faultAtMs;

  const reports = await Promise.all(
    workers.map((worker) => worker.ask({ kind: 'end' }, 'ended', SETTLE_WITHIN_MS + ANSWER_WITHIN_MS)),
  );
  const tallies = reports.map(({ tally }) => tally);
  const errors = new Map<string, number>();
  for (const [text, times] of tallies.flatMap((tally) => [...tally.errors])) {
    errors.set(text, times + (errors.get(text) ?? 0));
  }
  const samples = questionSamples(questions.counts, faultAtMs);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    clients,
    processes: count,
    callsPerSecond: clients * CALLS_PER_SECOND_PER_CLIENT,
    promotedAfterMs,
    mendedAfterMs,
    calls: sum(tallies.map(({ calls }) => calls)),
    errors: sum([...errors.values()]),
    errorCounts: [...errors]
      .map(([text, times]) => ({ text, count: times }))
      .toSorted((a, b) => b.count - a.count),
    unsettled: sum(tallies.map(({ unsettled }) => unsettled)),
    before: questionFigures(samples, -BEFORE_MS, 0),
    during: questionFigures(samples, 0, promotedAfterMs + AWAY_AFTER_PROMOTION_MS),
    after: questionFigures(samples, mendedAfterMs, endedAfterMs),
    samples,
  };
}
