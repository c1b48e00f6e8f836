import type { Table } from '../../report/rows.js';
import { faultedClientNames, faultedClients } from '../clients/registry.js';
import type { CrowdResult } from '../crowd/crowd-result.js';
import { type Fault, faultNames, faults } from '../faults.js';
import type { CaseResult, Coverage } from '../play-case.js';
import type { CallKind } from '../records.js';
import { type BarLine, judge } from './bars.js';
import { type CaseEntry, type FailoverReport, resultsOf } from './report.js';
import { countText, durationText, spreadOf, spreadText } from './spread.js';

const coverages: readonly Coverage[] = ['no', 'yes'];

const SHARDS = 3;

interface Column {
  readonly head: string;
  cell(results: readonly CaseResult[]): string;
}

const counted = (head: string, of: (result: CaseResult) => number): Column => ({
  head,
  cell: (results) => spreadText(spreadOf(results.map(of)), countText),
});

const timed = (head: string, of: (result: CaseResult) => number | null): Column => ({
  head,
  cell: (results) => spreadText(spreadOf(results.map(of)), durationText),
});

const all = (result: CaseResult, of: (figures: CaseResult['struck'][CallKind]) => number): number =>
  [result.struck, result.others]
    .flatMap((figures) => Object.values(figures))
    .reduce((sum, kind) => sum + of(kind), 0);

/** Nothing was gone that could return. */
function isGracefulChange({ isGraceful, watchesShareOf }: Fault): boolean {
  return isGraceful && watchesShareOf === undefined;
}

/** Several figures in one cell: a table of twenty columns is read by nobody. */
const together = (head: string, columns: readonly Column[], separator = ' / '): Column => ({
  head,
  cell: (results) => columns.map((column) => column.cell(results)).join(separator),
});

/** The columns that say something about a fault. */
function columnsOf(fault: Fault): Column[] {
  const hasOthers = fault.struckShards.length < SHARDS;
  const isLost = fault.promotes.length > 0 && !fault.isGraceful;
  return [
    ...(fault.promotes.length > 0 ? [timed('promoted after', (result) => result.promotedAfterMs)] : []),
    together('failed reads / SETs / INCRs', [
      counted('', ({ struck }) => struck.read.errors),
      counted('', ({ struck }) => struck.write.errors),
      counted('', ({ struck }) => struck.increment.errors),
    ]),
    ...(hasOthers
      ? [
          counted(
            'failed elsewhere',
            ({ others }) => others.read.errors + others.write.errors + others.increment.errors,
          ),
        ]
      : []),
    together('longest stall of reads / SETs', [
      timed('', ({ struck }) => struck.read.worstStallMs),
      timed('', ({ struck }) => struck.write.worstStallMs),
    ]),
    ...(isLost
      ? [
          timed('slowest read', ({ struck }) => struck.read.worstCallMs),
          { head: 'first SET after promotion', cell: firstWriteCell },
          counted('waiting at its return', (result) => result.waitingAtReturn),
        ]
      : [timed('slowest call', (result) => worstCallMs(result))]),
    counted('never settled', (result) => all(result, ({ unsettled }) => unsettled)),
    ...(hasOthers
      ? [
          together(
            'p99 elsewhere before → during',
            [
              timed('', (result) => result.othersP99BeforeMs),
              timed('', (result) => result.othersP99DuringMs),
            ],
            ' → ',
          ),
        ]
      : []),
    together('INCRs lost / twice', [
      counted('', ({ counters }) => counters.lost),
      counted('', ({ counters }) => counters.surplus),
    ]),
    counted('reads of nothing', (result) => all(result, ({ empty }) => empty)),
    ...(isGracefulChange(fault)
      ? []
      : [timed('trouble after its return', (result) => result.troubleAfterReturnMs)]),
    ...(fault.hasSeedName === true
      ? [timed('answering after its return', (result) => result.answeringAfterReturnMs)]
      : []),
    ...(fault.watchesShareOf ? [timed('share back after', (result) => result.shareBackAfterMs)] : []),
  ];
}

/** Until it returned, the former primary had what the client was waiting for: that is no recovery. */
function firstWriteCell(results: readonly CaseResult[]): string {
  const isOwn = results.map(isOwnRecovery);
  if (isOwn.every((own) => !own)) return 'only with its return';
  const text = spreadText(
    spreadOf(results.map((result, run) => (isOwn[run] === true ? result.firstWriteAfterPromotionMs : null))),
    durationText,
  );
  return text.replace('never', 'only with its return');
}

/** Whether SETs went on before the former primary came back. */
export function isOwnRecovery({
  firstWriteAfterPromotionMs,
  mendedAfterMs,
  promotedAfterMs,
}: CaseResult): boolean {
  if (firstWriteAfterPromotionMs === null || promotedAfterMs === null) return false;
  return mendedAfterMs === null || promotedAfterMs + firstWriteAfterPromotionMs < mendedAfterMs;
}

function worstCallMs({ struck, others }: CaseResult): number {
  return Math.max(
    ...[struck, others].flatMap((figures) => Object.values(figures).map((kind) => kind.worstCallMs)),
  );
}

function faultTable(report: FailoverReport, fault: Fault, coverage: Coverage): Table {
  const columns = columnsOf(fault);
  const rows = faultedClientNames.flatMap((client) => {
    const results = resultsOf(report, { fault: fault.name, coverage, client });
    if (results.length === 0) return [];
    return [
      [
        faultedClients[client].label,
        String(results.length),
        ...columns.map((column) => column.cell(results)),
      ],
    ];
  });
  return {
    title: `${fault.title} (cluster-require-full-coverage ${coverage})`,
    head: ['client', 'runs', ...columns.map(({ head }) => head)],
    rows,
  };
}

function barTable(lines: readonly BarLine[]): Table {
  return {
    title: 'Must reach (Slotwise, worst of the runs)',
    head: ['fault', 'full coverage', 'what', 'bar', 'measured', ''],
    rows: lines.map(({ fault, coverage, what, bar, measured, hasPassed }) => [
      faults[fault].title,
      coverage,
      what,
      bar,
      measured,
      hasPassed ? 'pass' : 'FAIL',
    ]),
  };
}

const perSecond = (value: number): string => (value < 10 ? value.toFixed(2) : countText(value));

function crowdTable(crowd: CrowdResult): Table {
  const { clients, processes } = crowd;
  const rows = (['before', 'during', 'after'] as const).map((phase) => [
    phase,
    perSecond(crowd[phase].meanPerNodePerSecond),
    perSecond(crowd[phase].peakPerNodePerSecond),
  ]);
  return {
    title: `${countText(clients)} Slotwise clients in ${processes} processes while a primary hangs`,
    head: ['', 'questions about the topology per node and second, mean', 'most'],
    rows,
  };
}

/** What the crowd's callers saw. */
export function crowdLine({
  calls,
  errors,
  unsettled,
  callsPerSecond,
  promotedAfterMs,
  errorCounts,
}: CrowdResult): string {
  const texts = errorCounts.slice(0, 3).map(({ text, count }) => `${countText(count)} x ${text}`);
  return `${countText(calls)} calls at ${countText(callsPerSecond)} per second, ${countText(errors)} failed, ${countText(unsettled)} never settled; promoted after ${durationText(promotedAfterMs)}${texts.length > 0 ? `; ${texts.join('; ')}` : ''}`;
}

/** Every table that has something to show. */
export function tablesOf(report: FailoverReport): Table[] {
  return [
    barTable(judge(report)),
    ...faultNames.flatMap((name) => coverages.map((coverage) => faultTable(report, faults[name], coverage))),
    ...(report.crowd ? [crowdTable(report.crowd)] : []),
  ].filter(({ rows }) => rows.length > 0);
}

/** What the errors said, the most frequent first, over all runs. */
export function errorLines(report: FailoverReport): string[] {
  const counts = new Map<string, number>();
  for (const entry of report.cases) {
    if (!('result' in entry)) continue;
    for (const { text, count } of entry.result.errorCounts) {
      const line = `${faultedClients[entry.client].label}, ${entry.fault}, coverage ${entry.coverage}: ${text}`;
      counts.set(line, count + (counts.get(line) ?? 0));
    }
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([line, count]) => `${countText(count)} x ${line}`);
}

/** A tick that is so late says that the machine was busy, and that slow calls may be its doing. */
const LATE_MS = 50;

/** One case in one line, as it ends. */
export function caseLine(entry: CaseEntry): string {
  const { fault, coverage, client, run } = entry;
  const name = `${fault}, coverage ${coverage}, ${faultedClients[client].label}, run ${run}`;
  if ('failure' in entry) return `${name}: not measured: ${entry.failure.split('\n')[0]!}`;
  const { result } = entry;
  const { read, write } = result.struck;
  return [
    `${name}: ${countText(all(result, ({ errors }) => errors))} errors`,
    `${countText(all(result, ({ unsettled }) => unsettled))} never settled`,
    `longest stall of reads ${durationText(read.worstStallMs)}, of SETs ${durationText(write.worstStallMs)}`,
    ...(result.promotedAfterMs === null
      ? []
      : [
          `first SET after promotion ${durationText(result.firstWriteAfterPromotionMs ?? Number.POSITIVE_INFINITY)}`,
        ]),
    ...(result.worstTickDelayMs > LATE_MS
      ? [`the machine kept the load waiting for up to ${durationText(result.worstTickDelayMs)}`]
      : []),
    ...(result.skipped > 0 ? [`${countText(result.skipped)} calls left out: the machine was too slow`] : []),
  ].join(', ');
}
