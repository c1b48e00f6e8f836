import { clients, isOther } from '../cluster/clients/registry.js';
import type { ClientName } from '../cluster/clients/registry.js';
import type { Sample } from '../cluster/measure.js';
import { sampleOf } from './report.js';
import type { Report, WorkloadResult } from './report.js';

/** What Slotwise is held to, as a ratio of its own figure to another's. */
export interface Target {
  readonly workload: string;
  readonly claim: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** The ratio, or undefined when one of the two was not measured. */
  ratio(result: WorkloadResult): number | undefined;
}

export interface Verdict {
  readonly target: Target;
  readonly ratio: number;
  readonly passed: boolean;
}

type BestOther = { readonly client: ClientName; readonly sample: Sample };

/** The other client with the highest throughput. */
function bestOther(result: WorkloadResult): BestOther | undefined {
  let best: BestOther | undefined;
  for (const { client } of result.clients) {
    const sample = isOther(client) ? sampleOf(result, client) : undefined;
    if (sample === undefined) continue;
    if (best === undefined || sample.operationsPerSecond > best.sample.operationsPerSecond)
      best = { client, sample };
  }
  return best;
}

function throughputOver(rival: (result: WorkloadResult) => Sample | undefined): Target['ratio'] {
  return (result) => {
    const own = sampleOf(result, 'slotwise');
    const other = rival(result);
    return own && other && own.operationsPerSecond / other.operationsPerSecond;
  };
}

const overBest = throughputOver((result) => bestOther(result)?.sample);
const overLimit = throughputOver((result) => sampleOf(result, 'bare'));
const over = (client: ClientName): Target['ratio'] => throughputOver((result) => sampleOf(result, client));

function medianLatencyOver(client: ClientName): Target['ratio'] {
  return (result) => {
    const own = sampleOf(result, 'slotwise');
    const other = sampleOf(result, client);
    return own && other && own.p50Us / other.p50Us;
  };
}

const kinds = ['get', 'set'] as const;

const targets: readonly Target[] = [
  ...kinds.flatMap((kind) => [
    {
      workload: `${kind}-100-1`,
      claim: 'median latency of ioredis',
      atMost: 1.05,
      ratio: medianLatencyOver('ioredis'),
    },
    { workload: `${kind}-100-64`, claim: 'throughput of the best other', atLeast: 2.5, ratio: overBest },
    { workload: `${kind}-100-64`, claim: 'throughput of the limit', atLeast: 0.7, ratio: overLimit },
    { workload: `${kind}-100-1000`, claim: 'throughput of the best other', atLeast: 2.5, ratio: overBest },
    { workload: `${kind}-100-1000`, claim: 'throughput of the limit', atLeast: 0.55, ratio: overLimit },
    ...['10k-1', '10k-64', '10k-1000', '1m-1', '1m-8', '1m-64'].map((size) => ({
      workload: `${kind}-${size}`,
      claim: 'throughput of the best other',
      atLeast: 1,
      ratio: overBest,
    })),
  ]),
  { workload: 'mget', claim: `throughput of ${clients.glide.label}`, atLeast: 2.5, ratio: over('glide') },
  {
    workload: 'mget',
    claim: `throughput of ${clients['ioredis-auto'].label}`,
    atLeast: 3.5,
    ratio: over('ioredis-auto'),
  },
];

/** The verdicts on what a run has measured. */
export function judge(report: Pick<Report, 'results'>): Verdict[] {
  return report.results.flatMap((result) =>
    targets.flatMap((target): Verdict[] => {
      const ratio = target.workload === result.workload ? target.ratio(result) : undefined;
      if (ratio === undefined) return [];
      const passed = ratio >= (target.atLeast ?? 0) && ratio <= (target.atMost ?? Infinity);
      return [{ target, ratio, passed }];
    }),
  );
}

/** E.g. `>= 2.50 x`. */
export function wantedOf({ atLeast, atMost }: Target): string {
  return atLeast === undefined ? `<= ${atMost!.toFixed(2)} x` : `>= ${atLeast.toFixed(2)} x`;
}
