import type { FaultedClientName } from '../clients/registry.js';
import type { CrowdResult } from '../crowd/crowd-result.js';
import type { FaultName } from '../faults.js';
import type { CaseResult, Coverage } from '../play-case.js';
import type { Machine } from '../../report/machine.js';

/** A whole run, as written to JSON; everything printed or drawn is made from it. */
export interface FailoverReport {
  readonly startedAt: string;
  /** The command line that repeats it. */
  readonly command: string;
  /** Nothing was left out or cut short, so that the results may be published. */
  readonly complete: boolean;
  readonly machine: Machine;
  /** Version of each measured client. */
  readonly versions: Partial<Record<FaultedClientName, string>>;
  readonly cases: readonly CaseEntry[];
  readonly crowd?: CrowdResult;
}

export interface CaseName {
  readonly fault: FaultName;
  readonly coverage: Coverage;
  readonly client: FaultedClientName;
  /** Counts from 1. */
  readonly run: number;
}

/** What a case came to, or why it came to nothing. */
export type CaseEntry = CaseName & ({ readonly result: CaseResult } | { readonly failure: string });

/** The runs of one client under one fault that came to something. */
export function resultsOf(
  { cases }: Pick<FailoverReport, 'cases'>,
  { fault, coverage, client }: Omit<CaseName, 'run'>,
): CaseResult[] {
  return cases.flatMap((entry) =>
    entry.fault === fault && entry.coverage === coverage && entry.client === client && 'result' in entry
      ? [entry.result]
      : [],
  );
}

/** Cases that came to nothing, and why. */
export function failureLines({ cases }: Pick<FailoverReport, 'cases'>): string[] {
  return cases.flatMap((entry) =>
    'failure' in entry
      ? [
          `${entry.fault}, coverage ${entry.coverage}, ${entry.client}, run ${entry.run}: ${entry.failure.split('\n')[0]!}`,
        ]
      : [],
  );
}

/** Parts of one measurement, made by several commands on the same machine, as one. The first one gives the heading. */
export function mergeReports(reports: readonly FailoverReport[]): FailoverReport {
  const [first] = reports;
  const crowd = reports.findLast((report) => report.crowd !== undefined)?.crowd;
  return {
    ...first!,
    command: [...new Set(reports.map(({ command }) => command))].join('`, `'),
    complete: reports.some(({ complete }) => complete),
    versions: Object.assign({}, ...reports.map(({ versions }) => versions)) as FailoverReport['versions'],
    cases: reports.flatMap(({ cases }) => cases),
    ...(crowd === undefined ? {} : { crowd }),
  };
}
