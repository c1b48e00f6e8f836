import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installedVersion } from '../footprint/installed-packages.js';
import { UsageError } from '../options.js';
import { formatTable } from '../report/table.js';
import { Belongings } from './belongings.js';
import { faultedClients } from './clients/registry.js';
import { playCrowd } from './crowd/play-crowd.js';
import { faults } from './faults.js';
import { type FailoverOptions, parseOptions, usage } from './options.js';
import { playCase } from './play-case.js';
import { judge } from './report/bars.js';
import { formatFailover } from './report/markdown.js';
import {
  type CaseEntry,
  type CaseName,
  failureLines,
  type FailoverReport,
  mergeReports,
} from './report/report.js';
import { caseLine, crowdLine, tablesOf } from './report/rows.js';
import { drawTimelines } from './report/timeline-chart.js';
import { thisMachine } from '../report/machine.js';

const LOAD_BEFORE_MS = 3_000;
const QUICK_LOAD_BEFORE_MS = 1_500;

const CHART_FILE = 'failover.svg';

const inBench = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** What runs now; ended when the whole run is. */
let current = new Belongings();
let isInterrupted = false;

const startedMs = performance.now();

/** To standard error, so that the results can be redirected. */
function note(line: string): void {
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  process.stderr.write(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} ${line}\n`);
}

/** In rounds, so that what else the machine does hits all clients alike. */
function casesOf(options: FailoverOptions): CaseName[] {
  const rounds = Array.from({ length: Math.max(options.runs, options.otherRuns) }, (_, index) => index + 1);
  const canTakePart = ({ fault, client }: CaseName): boolean =>
    faults[fault].hasSeedName !== true || faultedClients[client].takesLookup;
  return options.faults.flatMap((fault) =>
    options.coverages.flatMap((coverage) =>
      rounds.flatMap((run) =>
        options.clients
          .filter((client) => run <= (client === 'slotwise' ? options.runs : options.otherRuns))
          .map((client) => ({ fault, coverage, client, run }))
          .filter(canTakePart),
      ),
    ),
  );
}

async function play(name: CaseName, quick: boolean): Promise<CaseEntry> {
  const { fault, coverage, client } = name;
  const loadBeforeMs = quick ? QUICK_LOAD_BEFORE_MS : LOAD_BEFORE_MS;
  current = new Belongings();
  try {
    const result = await playCase({ fault: faults[fault], coverage, client, loadBeforeMs }, current);
    return { ...name, result };
  } catch (error) {
    return { ...name, failure: (error as Error).message };
  } finally {
    await current.end();
  }
}

async function measure(options: FailoverOptions, args: readonly string[]): Promise<FailoverReport> {
  const cases: CaseEntry[] = [];
  let report: FailoverReport = {
    startedAt: new Date().toISOString(),
    command: ['npm run bench:failover', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
    complete: options.complete,
    machine: thisMachine(),
    versions: Object.fromEntries(
      options.clients.map((client) => [client, installedVersion(faultedClients[client].packageName)]),
    ),
    cases,
  };
  const names = casesOf(options);
  for (const [index, name] of names.entries()) {
    const entry = await play(name, options.quick);
    cases.push(entry);
    // The process exits when everything has ended.
    if (isInterrupted) await new Promise(() => undefined);
    note(`${index + 1}/${names.length} ${caseLine(entry)}`);
    // A run of an hour that is interrupted has measured something.
    if (options.json !== undefined) write(options.json, jsonOf(report));
  }
  if (options.crowd > 0) {
    const { crowd: clients, processes } = options;
    current = new Belongings();
    try {
      report = { ...report, crowd: await playCrowd({ clients, processes, note }, current) };
    } finally {
      await current.end();
    }
  }
  return report;
}

function jsonOf(report: FailoverReport): string {
  // Fractions of a microsecond are noise.
  return `${JSON.stringify(report, (_, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(3)) : value))}\n`;
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options.help) return console.log(usage);
  const fromFiles = options.from.map((file) => JSON.parse(readFileSync(file, 'utf8')) as FailoverReport);
  const report = fromFiles.length > 0 ? mergeReports(fromFiles) : await measure(options, args);
  console.log(`\n${tablesOf(report).map(formatTable).join('\n\n')}\n`);
  if (report.crowd) console.log(`${crowdLine(report.crowd)}\n`);

  const written: [path: string, content: string][] = [];
  if (options.json !== undefined) written.push([options.json, jsonOf(report)]);
  if (options.complete) {
    written.push(
      [inBench(CHART_FILE), drawTimelines(report)],
      [inBench('FAILOVER.md'), formatFailover(report, CHART_FILE)],
      [inBench('results/failover.json'), jsonOf(report)],
    );
  }
  for (const [path, content] of written) {
    write(path, content);
    console.log(`written: ${path}`);
  }
  const failures = failureLines(report);
  failures.forEach((line) => console.error(line));
  if (failures.length > 0 || judge(report).some(({ hasPassed }) => !hasPassed)) process.exitCode = 1;
}

process.once('SIGINT', () => {
  isInterrupted = true;
  note('interrupted; ending servers and clients (once more: at once)');
  process.once('SIGINT', () => process.exit(130));
  void current.end().finally(() => process.exit(130));
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`bench:failover: ${error.message}\nSee npm run bench:failover -- --help`);
  process.exitCode = 2;
}
