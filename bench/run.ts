import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWorkers } from './cluster/build-workers.js';
import { connect as connectBare } from './cluster/clients/bare.js';
import { clients } from './cluster/clients/registry.js';
import type { ClientName } from './cluster/clients/registry.js';
import { prepare } from './cluster/prepare.js';
import { runWorkload, stepsPerWorkload } from './cluster/runner.js';
import { startPrimaries } from './cluster/servers.js';
import type { Servers } from './cluster/servers.js';
import { workloads } from './cluster/workloads.js';
import { measureImports } from './footprint/import-time.js';
import { installedSize, installedVersion } from './footprint/installed-packages.js';
import { measureMemory } from './footprint/memory.js';
import { commandOf, FULL, parseOptions, QUICK, usage, UsageError } from './options.js';
import type { BenchOptions } from './options.js';
import { Progress } from './progress.js';
import { formatMarkdown } from './report/markdown.js';
import type { MemoryResult, Report, WorkloadResult } from './report/report.js';
import { failureLines, tablesOf } from './report/rows.js';
import { drawChart } from './report/svg.js';
import { formatTable } from './report/table.js';
import { thisMachine } from './report/machine.js';

const PRIMARIES = 3;

/** An idle link is what this many more nodes cost, per node. */
const MANY_PRIMARIES = 20;

const CHART_FILE = 'results.svg';

const inBench = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

async function measureAll(options: BenchOptions): Promise<Report> {
  const startedAt = new Date().toISOString();
  const chosen = workloads.filter(({ name }) => options.only.includes(name));
  const packageNames = [...new Set(options.clients.flatMap((client) => clients[client].packageName ?? []))];
  // The bare sockets are tuned for speed alone: their memory says nothing.
  const products = options.clients.filter((client) => client !== 'bare');
  const withMemory = options.only.includes('memory');
  const withPackages = options.only.includes('packages');
  const footprintRounds = options.quick ? 1 : options.rounds;
  const progress = new Progress(
    chosen.length * stepsPerWorkload(options) + (withMemory ? products.length : 0) + (withPackages ? 1 : 0),
  );

  const buildDir = buildWorkers();
  const results: WorkloadResult[] = [];
  const memory: MemoryResult[] = [];
  const servers = await startPrimaries(PRIMARIES);
  try {
    await prepare(connectBare, servers.seeds);
    for (const workload of chosen) {
      progress.begin(workload.title);
      const { rounds, seconds } = options;
      const { warmUpSeconds } = options.quick ? QUICK : FULL;
      const onStep = (client: ClientName): void => progress.step(clients[client].label);
      const settings = {
        buildDir,
        seeds: servers.seeds,
        clients: options.clients,
        rounds,
        seconds,
        warmUpSeconds,
        onStep,
      };
      const result = await runWorkload(workload, settings);
      failureLines({ results: [result], memory: [] }).forEach((line) => progress.note(line));
      results.push(result);
    }
    if (withMemory)
      memory.push(...(await measureAllMemory(products, buildDir, servers, footprintRounds, progress)));
  } finally {
    await servers.stop();
  }
  if (withPackages) {
    progress.begin('Packages');
    progress.step('import times');
  }
  const importTimes = withPackages ? await measureImports(packageNames, options.quick ? 1 : IMPORT_RUNS) : [];
  progress.end();

  return {
    startedAt,
    complete: options.complete,
    command: commandOf(options),
    rounds: options.rounds,
    seconds: options.seconds,
    machine: thisMachine(),
    server: servers.version,
    versions: Object.fromEntries(
      options.clients.flatMap((client) => {
        const { packageName } = clients[client];
        return packageName === undefined ? [] : [[client, installedVersion(packageName)]];
      }),
    ),
    results,
    memory,
    importTimes,
    sizes: withPackages ? packageNames.map(installedSize) : [],
  };
}

/** Processes per package whose import is timed. */
const IMPORT_RUNS = 10;

async function measureAllMemory(
  names: readonly ClientName[],
  buildDir: string,
  small: Servers,
  rounds: number,
  progress: Progress,
): Promise<MemoryResult[]> {
  const large = await startPrimaries(MANY_PRIMARIES);
  try {
    await prepare(connectBare, large.seeds, workloads.slice(0, 1));
    progress.begin('Memory');
    const results: MemoryResult[] = [];
    for (const name of names) {
      progress.step(clients[name].label);
      try {
        results.push(await measureMemory(name, buildDir, small.seeds, large.seeds, rounds));
      } catch (error) {
        results.push({ client: name, failure: (error as Error).message });
      }
    }
    return results;
  } finally {
    await large.stop();
  }
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  console.log(`written: ${path}`);
}

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options.help) return console.log(usage);
  const report =
    options.from === undefined
      ? await measureAll(options)
      : (JSON.parse(readFileSync(options.from, 'utf8')) as Report);
  console.log(`\n${tablesOf(report).map(formatTable).join('\n\n')}\n`);

  const json = `${JSON.stringify(report, undefined, 2)}\n`;
  if (options.json !== undefined) write(options.json, json);
  if (report.complete) {
    write(inBench(CHART_FILE), drawChart(report));
    write(inBench('RESULTS.md'), formatMarkdown(report, CHART_FILE));
    if (options.from === undefined) write(inBench('results/latest.json'), json);
  }
  const failures = failureLines(report);
  failures.forEach((line) => console.error(line));
  if (failures.length > 0) process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`bench: ${error.message}\nSee npm run bench -- --help`);
  process.exitCode = 2;
}
