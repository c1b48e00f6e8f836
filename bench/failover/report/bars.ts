import { type FaultName, faultNames } from '../faults.js';
import type { CaseResult, Coverage } from '../play-case.js';
import type { KindFigures } from '../statistics.js';
import { type FailoverReport, resultsOf } from './report.js';
import { countText, durationText, spreadOf } from './spread.js';

/** One thing that Slotwise must reach, and what it did. */
export interface BarLine {
  readonly fault: FaultName;
  readonly coverage: Coverage;
  readonly what: string;
  readonly bar: string;
  readonly measured: string;
  readonly hasPassed: boolean;
}

const MAX_READ_STALL_MS = 500;
const MAX_FIRST_WRITE_AFTER_PROMOTION_MS = 200;
const MAX_GRACEFUL_CALL_MS = 150;
const MAX_SHARE_BACK_MS = 5_000;
const MAX_ANSWERING_AFTER_REPLACEMENT_MS = 3_000;
const MAX_TROUBLE_AFTER_RETURN_MS = 5_000;

interface Bar {
  readonly what: string;
  readonly most: number;
  /** `null`: never. */
  of(result: CaseResult): number | null;
  textOf(value: number): string;
}

const none = (what: string, of: (result: CaseResult) => number): Bar => ({
  what,
  most: 0,
  of,
  textOf: countText,
});

const within = (what: string, most: number, of: (result: CaseResult) => number | null): Bar => ({
  what,
  most,
  of,
  textOf: durationText,
});

const kindsOf = ({ struck, others }: CaseResult): KindFigures[] =>
  [struck, others].flatMap((figures) => Object.values(figures));

const total = (kinds: readonly KindFigures[], of: (kind: KindFigures) => number): number =>
  kinds.reduce((sum, kind) => sum + of(kind), 0);

const unsettled = none('calls never settled', (result) => total(kindsOf(result), (kind) => kind.unsettled));

const errors = none('errors of any kind', (result) => total(kindsOf(result), (kind) => kind.errors));

const inexact = none('counters not exact', ({ counters }) => counters.counters - counters.exact);

const worstCall = within('slowest call', MAX_GRACEFUL_CALL_MS, (result) =>
  Math.max(...kindsOf(result).map((kind) => kind.worstCallMs)),
);

const readStall = within(
  'longest stall of reads',
  MAX_READ_STALL_MS,
  ({ struck }) => struck.read.worstStallMs,
);

/** With full coverage the servers themselves refuse every shard's calls until the promotion. */
function barsOfLostPrimary(coverage: Coverage): Bar[] {
  return [
    ...(coverage === 'no' ? [none('failed reads', ({ struck }) => struck.read.errors), readStall] : []),
    none('failed SETs', ({ struck }) => struck.write.errors),
    within(
      'first SET after the promotion',
      MAX_FIRST_WRITE_AFTER_PROMOTION_MS,
      (result) => result.firstWriteAfterPromotionMs,
    ),
    ...(coverage === 'no'
      ? [
          none('errors of the other shards', ({ others }) =>
            total(Object.values(others), (kind) => kind.errors),
          ),
        ]
      : []),
    unsettled,
  ];
}

const barsOfReplica: readonly Bar[] = [
  errors,
  readStall,
  within('share back after its return', MAX_SHARE_BACK_MS, (result) => result.shareBackAfterMs),
  unsettled,
];

const barsOfZone: readonly Bar[] = [
  none('failed reads, of all shards', ({ struck, others }) => struck.read.errors + others.read.errors),
  within(
    'last trouble after it came back',
    MAX_TROUBLE_AFTER_RETURN_MS,
    (result) => result.troubleAfterReturnMs,
  ),
  within('share of its replica back', MAX_SHARE_BACK_MS, (result) => result.shareBackAfterMs),
  unsettled,
];

const barsOf: Readonly<Record<FaultName, (coverage: Coverage) => readonly Bar[]>> = {
  hang: barsOfLostPrimary,
  kill: barsOfLostPrimary,
  failover: () => [errors, inexact, worstCall, unsettled],
  reshard: () => [errors, inexact, worstCall, unsettled],
  'rolling-restart': () => [errors, inexact, unsettled],
  'replica-hang': () => barsOfReplica,
  'replica-kill': () => barsOfReplica,
  zone: () => barsOfZone,
  replace: () => [
    within(
      'every shard answers again after its return',
      MAX_ANSWERING_AFTER_REPLACEMENT_MS,
      (result) => result.answeringAfterReturnMs,
    ),
    unsettled,
  ],
};

/** Slotwise against every bar whose fault was measured; the worst run counts. */
export function judge(report: Pick<FailoverReport, 'cases'>): BarLine[] {
  return faultNames.flatMap((fault) =>
    (['no', 'yes'] as const).flatMap((coverage) => {
      const results = resultsOf(report, { fault, coverage, client: 'slotwise' });
      return barsOf[fault](coverage).flatMap((bar): BarLine[] => {
        const spread = spreadOf(results.map((result) => bar.of(result)));
        if (spread === undefined) return [];
        const { what, most } = bar;
        return [
          {
            fault,
            coverage,
            what,
            bar: most === 0 ? '0' : `at most ${bar.textOf(most)}`,
            measured: bar.textOf(spread.worst),
            hasPassed: spread.worst <= most,
          },
        ];
      });
    }),
  );
}
