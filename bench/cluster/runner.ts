import { medianOf } from '../report/report.js';
import type { ClientResult, WorkloadResult } from '../report/report.js';
import type { ClientName } from './clients/registry.js';
import type { Sample } from './measure.js';
import type { Seed } from './protocol.js';
import { WorkerProcess } from './worker-process.js';
import type { Workload } from './workloads.js';

export interface RunnerSettings {
  readonly buildDir: string;
  readonly seeds: readonly Seed[];
  readonly clients: readonly ClientName[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Called before each measurement. */
  readonly onStep: (client: ClientName) => void;
}

/** Steps of one workload, as `onStep` counts them: a warm-up and the rounds of each client. */
export function stepsPerWorkload(settings: Pick<RunnerSettings, 'clients' | 'rounds'>): number {
  return settings.clients.length * (settings.rounds + 1);
}

/**
 * Measures one workload: each client in its own process, in turns, so that whatever else the machine does
 * falls on all of them. A client that fails is reported with its reason and does not end the run.
 */
export async function runWorkload(workload: Workload, settings: RunnerSettings): Promise<WorkloadResult> {
  const contestants = await Promise.all(settings.clients.map((client) => enter(client, workload, settings)));
  await takeTurns(
    contestants,
    settings,
    0,
    (worker) => worker.measure(settings.warmUpSeconds),
    () => {},
  );
  for (let round = 0; round < settings.rounds; round++) {
    await takeTurns(contestants, settings, round, (worker) => worker.measure(settings.seconds), keep);
  }
  await Promise.all(contestants.map(async ({ worker }) => worker?.stop()));
  return { workload: workload.name, clients: contestants.map(resultOf) };
}

interface Contestant {
  readonly client: ClientName;
  readonly worker: WorkerProcess | undefined;
  readonly samples: Sample[];
  failure: string | undefined;
}

const keep = (contestant: Contestant, sample: Sample): void => void contestant.samples.push(sample);

async function enter(client: ClientName, workload: Workload, settings: RunnerSettings): Promise<Contestant> {
  try {
    const task = { client, workload: workload.name, seeds: settings.seeds };
    return {
      client,
      worker: await WorkerProcess.start(settings.buildDir, task),
      samples: [],
      failure: undefined,
    };
  } catch (error) {
    return { client, worker: undefined, samples: [], failure: (error as Error).message };
  }
}

/** Each round begins with another client, so that none always follows the same neighbour's garbage. */
async function takeTurns(
  contestants: readonly Contestant[],
  settings: RunnerSettings,
  round: number,
  measure: (worker: WorkerProcess) => Promise<Sample>,
  onSample: (contestant: Contestant, sample: Sample) => void,
): Promise<void> {
  for (let turn = 0; turn < contestants.length; turn++) {
    const contestant = contestants[(turn + round) % contestants.length]!;
    settings.onStep(contestant.client);
    if (contestant.worker === undefined || contestant.failure !== undefined) continue;
    try {
      onSample(contestant, await measure(contestant.worker));
    } catch (error) {
      contestant.failure = (error as Error).message;
    }
  }
}

function resultOf({ client, samples, failure }: Contestant): ClientResult {
  if (failure !== undefined) return { client, failure };
  const median = (figure: keyof Sample): number => medianOf(samples.map((sample) => sample[figure]));
  return {
    client,
    rounds: samples,
    median: {
      operationsPerSecond: median('operationsPerSecond'),
      cpuUsPerOperation: median('cpuUsPerOperation'),
      p50Us: median('p50Us'),
      p99Us: median('p99Us'),
    },
  };
}
