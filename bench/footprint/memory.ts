import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { ClientName } from '../cluster/clients/registry.js';
import type { Seed } from '../cluster/protocol.js';
import { medianOf } from '../report/report.js';
import type { MemoryMedians } from '../report/report.js';
import type { MemoryFigures, MemoryReport, MemoryTask } from './memory-task.js';

type MemoryFigure = Exclude<keyof MemoryFigures, 'kind'>;

/** A process that has not answered by then is ended. */
const MAX_RUN_MS = 60_000;

/**
 * What an idle link costs, as the difference between the same client connected to a small and to a large
 * cluster, so that what it needs only once does not count; medians of `rounds` processes each.
 * @throws Error when the client fails in one of them.
 */
export async function measureMemory(
  client: ClientName,
  buildDir: string,
  small: readonly Seed[],
  large: readonly Seed[],
  rounds: number,
): Promise<MemoryMedians> {
  const few: MemoryFigures[] = [];
  const many: MemoryFigures[] = [];
  for (let round = 0; round < rounds; round++) {
    few.push(await runWorker(buildDir, { client, seeds: small }));
    many.push(await runWorker(buildDir, { client, seeds: large }));
  }
  const heapAdded = median(many, 'heapBytesPerClient') - median(few, 'heapBytesPerClient');
  return {
    client,
    heapBytesPerLink: heapAdded / (large.length - small.length),
    rssBytesFewLinks: median(few, 'rssBytes'),
    rssBytesManyLinks: median(many, 'rssBytes'),
    heapBytesPerCommand: median(few, 'heapBytesPerCommand'),
  };
}

function median(all: readonly MemoryFigures[], figure: MemoryFigure): number {
  return medianOf(all.map((figures) => figures[figure]));
}

function runWorker(buildDir: string, task: MemoryTask): Promise<MemoryFigures> {
  return new Promise((resolve, reject) => {
    const child = fork(join(buildDir, 'footprint', 'memory-worker.js'), [JSON.stringify(task)], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), MAX_RUN_MS);
    let report: MemoryReport | undefined;
    child.on('message', (message: MemoryReport) => {
      report = message;
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (report?.kind === 'figures') resolve(report);
      else reject(new Error(report?.message ?? `the process ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
