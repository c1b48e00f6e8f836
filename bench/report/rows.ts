import { clients } from '../cluster/clients/registry.js';
import { workloads } from '../cluster/workloads.js';
import { bytes, count, microseconds, ratio } from './figures.js';
import { sampleOf } from './report.js';
import type { Report, WorkloadResult } from './report.js';
import { judge, wantedOf } from './targets.js';

/** A table without a look: the terminal and the Markdown file each have their own. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  /** The first column is text, the others are figures. */
  readonly rows: readonly (readonly string[])[];
}

export function titleOf(workload: string): string {
  return workloads.find(({ name }) => name === workload)?.title ?? workload;
}

function workloadTable(result: WorkloadResult): Table {
  const own = sampleOf(result, 'slotwise');
  return {
    title: titleOf(result.workload),
    head: ['client', 'operations/s', 'Slotwise is', 'CPU per operation', 'p50', 'p99'],
    rows: result.clients.map((entry) => {
      const { label } = clients[entry.client];
      if ('failure' in entry) return [label, 'failed', '', '', '', ''];
      const { operationsPerSecond, cpuUsPerOperation, p50Us, p99Us } = entry.median;
      return [
        label,
        count(operationsPerSecond),
        own === undefined || entry.client === 'slotwise'
          ? ''
          : ratio(own.operationsPerSecond / operationsPerSecond),
        microseconds(cpuUsPerOperation),
        microseconds(p50Us),
        microseconds(p99Us),
      ];
    }),
  };
}

/** Clients that could not be measured, and why. */
export function failureLines(report: Pick<Report, 'results' | 'memory'>): string[] {
  const measured = [...report.results, { workload: 'memory', clients: report.memory }];
  return measured.flatMap(({ workload, clients: entries }) =>
    entries.flatMap((entry) =>
      'failure' in entry ? [`${workload}: ${entry.client} failed: ${entry.failure}`] : [],
    ),
  );
}

function targetTable(report: Pick<Report, 'results'>): Table {
  return {
    title: 'Targets',
    head: ['workload', 'Slotwise against', 'wanted', 'measured', ''],
    rows: judge(report).map(({ target, ratio: measured, passed }) => [
      titleOf(target.workload),
      target.claim,
      wantedOf(target),
      ratio(measured),
      passed ? 'pass' : 'FAIL',
    ]),
  };
}

function memoryTable(report: Pick<Report, 'memory'>): Table {
  return {
    title: 'Memory',
    head: [
      'client',
      'heap per idle link',
      'process with 3 links',
      'process with 20 links',
      'heap per command in flight',
    ],
    rows: report.memory.map((entry) => {
      const { label } = clients[entry.client];
      if ('failure' in entry) return [label, 'failed', '', '', ''];
      return [
        label,
        bytes(entry.heapBytesPerLink),
        bytes(entry.rssBytesFewLinks),
        bytes(entry.rssBytesManyLinks),
        bytes(entry.heapBytesPerCommand),
      ];
    }),
  };
}

function packageTable(report: Pick<Report, 'importTimes' | 'sizes'>): Table {
  const names = [...new Set([...report.importTimes, ...report.sizes].map(({ packageName }) => packageName))];
  return {
    title: 'Packages',
    head: ['package', 'import', 'its own files', 'installed with dependencies', 'packages'],
    rows: names.map((name) => {
      const time = report.importTimes.find(({ packageName }) => packageName === name);
      const size = report.sizes.find(({ packageName }) => packageName === name);
      return [
        name,
        time ? `${time.medianMs.toFixed(0)} ms` : '',
        size ? bytes(size.ownBytes) : '',
        size ? bytes(size.totalBytes) : '',
        size ? String(size.packages) : '',
      ];
    }),
  };
}

/** Every table that has something to show. */
export function tablesOf(report: Report): Table[] {
  return [
    targetTable(report),
    ...report.results.map(workloadTable),
    memoryTable(report),
    packageTable(report),
  ].filter(({ rows }) => rows.length > 0);
}
