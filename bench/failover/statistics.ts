import type { CounterTally } from './protocol.js';
import { type CallKind, callKinds, type CallRecords, outcomes } from './records.js';

/** The moments of one case. Those that did not come are undefined. */
export interface Moments {
  /** When the first call was made. */
  readonly beganAtMs: number;
  readonly faultAtMs: number;
  /** When a replica of the struck shard first said that it is a primary. */
  readonly promotedAtMs?: number | undefined;
  /** When what was broken began to come back. */
  readonly mendedAtMs?: number | undefined;
  /** When the servers had got over everything. */
  readonly calmAtMs: number;
  /** When the last call was made. */
  readonly endedAtMs: number;
}

/** What callers saw of one kind of call on some shards, from the fault on. */
export interface KindFigures {
  readonly calls: number;
  readonly errors: number;
  /** Reads that found nothing. */
  readonly empty: number;
  /** Still pending when the watch ended, long after the last call. */
  readonly unsettled: number;
  /** The longest time without a success, on the worst shard. */
  readonly worstStallMs: number;
  /** Every shard had a success in the last second of the load. */
  readonly hasRecovered: boolean;
  /** The slowest call that succeeded. */
  readonly worstCallMs: number;
}

export type FiguresByKind = Readonly<Record<CallKind, KindFigures>>;

export interface ErrorCount {
  readonly kind: CallKind;
  readonly where: 'struck' | 'others';
  readonly text: string;
  readonly count: number;
}

/** What one case came to. `null` where there is nothing to measure, or what should have come never came. */
export interface CaseFigures {
  /** The shards that the fault strikes, and the others. */
  readonly struck: FiguresByKind;
  readonly others: FiguresByKind;
  readonly promotedAfterMs: number | null;
  /** Calls to the struck shards that had been waiting for a second when what was broken began to come back. */
  readonly waitingAtReturn: number;
  /** From the promotion to the first SET that succeeded on the struck shards. */
  readonly firstWriteAfterPromotionMs: number | null;
  /** 99 of 100 calls to the other shards were answered within this; `null`: not even those. */
  readonly othersP99BeforeMs: number | null;
  readonly othersP99DuringMs: number | null;
  /** From when what was broken began to come back to the last error or slow call of any shard; 0: there was none. */
  readonly troubleAfterReturnMs: number;
  /** From then to when every shard had answered a read and a SET again. */
  readonly answeringAfterReturnMs: number | null;
  readonly errorCounts: readonly ErrorCount[];
}

/** A call slower than this is a sign of trouble, where one usually takes about a millisecond. */
const SLOW_CALL_MS = 150;

/** Who has recovered has succeeded this recently. */
const RECENT_MS = 1_000;

const WAITING_MS = 1_000;

const OK = outcomes.indexOf('ok');
const EMPTY = outcomes.indexOf('empty');
const FAILED = outcomes.indexOf('failed');
const PENDING = outcomes.indexOf('pending');
const WRITE = callKinds.indexOf('write');

/** Whether it got an answer: a read that found nothing did, and what it found is counted by itself. */
function isAnswered(outcome: number): boolean {
  return outcome === OK || outcome === EMPTY;
}

export function caseFigures(
  records: CallRecords,
  struckShards: readonly number[],
  moments: Moments,
): CaseFigures {
  const isStruck = (call: number): boolean => struckShards.includes(records.shards[call]!);
  const isOther = (call: number): boolean => !isStruck(call);
  const { promotedAtMs, mendedAtMs } = moments;
  return {
    struck: byKind(records, isStruck, moments),
    others: byKind(records, isOther, moments),
    promotedAfterMs: promotedAtMs === undefined ? null : promotedAtMs - moments.faultAtMs,
    waitingAtReturn: mendedAtMs === undefined ? 0 : countWaiting(records, isStruck, mendedAtMs),
    firstWriteAfterPromotionMs:
      promotedAtMs === undefined ? null : firstWriteAfterMs(records, isStruck, promotedAtMs),
    othersP99BeforeMs: latencyQuantile(records, isOther, moments.beganAtMs, moments.faultAtMs, 0.99),
    othersP99DuringMs: latencyQuantile(records, isOther, moments.faultAtMs, moments.calmAtMs, 0.99),
    troubleAfterReturnMs:
      mendedAtMs === undefined ? 0 : troubleAfterMs(records, mendedAtMs, moments.endedAtMs),
    answeringAfterReturnMs: mendedAtMs === undefined ? null : answeringAfterMs(records, mendedAtMs),
    errorCounts: countErrors(records, isStruck, moments.faultAtMs),
  };
}

function byKind(
  records: CallRecords,
  belongs: (call: number) => boolean,
  moments: Moments,
): Record<CallKind, KindFigures> {
  const entries = callKinds.map((kind, number) => [
    kind,
    kindFigures(records, (call) => records.kinds[call] === number && belongs(call), moments),
  ]);
  return Object.fromEntries(entries) as Record<CallKind, KindFigures>;
}

/** Of the calls that were under way or made after the fault. */
function kindFigures(
  records: CallRecords,
  belongs: (call: number) => boolean,
  { faultAtMs, endedAtMs }: Moments,
): KindFigures {
  let calls = 0;
  let errors = 0;
  let empty = 0;
  let unsettled = 0;
  let worstCallMs = 0;
  const answeredAtMs = new Map<number, number[]>();
  for (let call = 0; call < records.kinds.length; call++) {
    if (!belongs(call)) continue;
    const shard = records.shards[call]!;
    const answered = answeredAtMs.get(shard) ?? [];
    answeredAtMs.set(shard, answered);
    const outcome = records.outcomes[call]!;
    const settledAtMs = records.settledAtMs[call]!;
    if (isAnswered(outcome)) answered.push(settledAtMs);
    if (settledAtMs < faultAtMs) continue;
    calls++;
    if (outcome === FAILED) errors++;
    if (outcome === EMPTY) empty++;
    if (outcome === PENDING) unsettled++;
    if (isAnswered(outcome)) worstCallMs = Math.max(worstCallMs, settledAtMs - records.issuedAtMs[call]!);
  }
  const successes = [...answeredAtMs.values()];
  return {
    calls,
    errors,
    empty,
    unsettled,
    worstStallMs: Math.max(0, ...successes.map((times) => longestGapMs(times, faultAtMs, endedAtMs))),
    hasRecovered: successes.every((times) =>
      times.some((atMs) => atMs > endedAtMs - RECENT_MS && atMs <= endedAtMs),
    ),
    worstCallMs,
  };
}

/**
 * The longest time without any of `timesMs` within the window. One that began before the window, with the last success
 * before it, counts whole; one that no success ended is as long as the window lets it be.
 */
export function longestGapMs(timesMs: readonly number[], fromMs: number, toMs: number): number {
  const before = timesMs.filter((atMs) => atMs <= fromMs);
  const within = timesMs.filter((atMs) => atMs > fromMs && atMs <= toMs).toSorted((a, b) => a - b);
  let last = before.length > 0 ? before.reduce((a, b) => Math.max(a, b)) : fromMs;
  let longest = 0;
  for (const atMs of [...within, toMs]) {
    longest = Math.max(longest, atMs - last);
    last = atMs;
  }
  return longest;
}

function firstWriteAfterMs(
  records: CallRecords,
  belongs: (call: number) => boolean,
  afterMs: number,
): number | null {
  let first = Number.POSITIVE_INFINITY;
  for (let call = 0; call < records.kinds.length; call++) {
    if (records.kinds[call] !== WRITE || records.outcomes[call] !== OK || !belongs(call)) continue;
    const settledAtMs = records.settledAtMs[call]!;
    if (settledAtMs >= afterMs) first = Math.min(first, settledAtMs);
  }
  return Number.isFinite(first) ? first - afterMs : null;
}

/** Calls that have waited for at least {@link WAITING_MS} at that moment. */
function countWaiting(records: CallRecords, belongs: (call: number) => boolean, atMs: number): number {
  let count = 0;
  for (let call = 0; call < records.kinds.length; call++) {
    // A call that never settles has no time, and is not settled by then either.
    const isSettled = records.settledAtMs[call]! <= atMs;
    if (records.issuedAtMs[call]! <= atMs - WAITING_MS && !isSettled && belongs(call)) count++;
  }
  return count;
}

/** Over calls issued in the window; failed and pending ones count as never answered. */
function latencyQuantile(
  records: CallRecords,
  belongs: (call: number) => boolean,
  fromMs: number,
  toMs: number,
  share: number,
): number | null {
  const latencies: number[] = [];
  for (let call = 0; call < records.kinds.length; call++) {
    const issuedAtMs = records.issuedAtMs[call]!;
    if (issuedAtMs < fromMs || issuedAtMs >= toMs || !belongs(call)) continue;
    const answered = isAnswered(records.outcomes[call]!);
    latencies.push(answered ? records.settledAtMs[call]! - issuedAtMs : Number.POSITIVE_INFINITY);
  }
  return quantile(latencies, share);
}

/** `null` when there are no values, or the quantile is infinite. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
  return value === undefined || !Number.isFinite(value) ? null : value;
}

/** Of calls issued after `fromMs`; one that never settles is trouble to the end. */
function troubleAfterMs(records: CallRecords, fromMs: number, endedAtMs: number): number {
  let lastMs = fromMs;
  for (let call = 0; call < records.kinds.length; call++) {
    const issuedAtMs = records.issuedAtMs[call]!;
    const settledAtMs = records.settledAtMs[call]!;
    const outcome = records.outcomes[call]!;
    if (issuedAtMs < fromMs) continue;
    if (outcome === PENDING) return endedAtMs - fromMs;
    if (outcome !== OK || settledAtMs - issuedAtMs > SLOW_CALL_MS) lastMs = Math.max(lastMs, settledAtMs);
  }
  return lastMs - fromMs;
}

/** Until each shard had answered a read and a SET that was issued or under way then. */
function answeringAfterMs(records: CallRecords, fromMs: number): number | null {
  const firstMs = new Map<string, number>();
  for (let call = 0; call < records.kinds.length; call++) {
    const kind = callKinds[records.kinds[call]!]!;
    if (kind === 'increment') continue;
    const name = `${kind} ${records.shards[call]!}`;
    const settledAtMs = records.settledAtMs[call]!;
    const counts = isAnswered(records.outcomes[call]!) && settledAtMs >= fromMs;
    const known = firstMs.get(name) ?? Number.POSITIVE_INFINITY;
    firstMs.set(name, counts ? Math.min(known, settledAtMs) : known);
  }
  const lastMs = Math.max(fromMs, ...firstMs.values());
  return Number.isFinite(lastMs) ? lastMs - fromMs : null;
}

/** Most frequent first. */
function countErrors(
  records: CallRecords,
  isStruck: (call: number) => boolean,
  fromMs: number,
): ErrorCount[] {
  const counts = new Map<string, ErrorCount>();
  for (let call = 0; call < records.kinds.length; call++) {
    if (records.outcomes[call] !== FAILED || records.settledAtMs[call]! < fromMs) continue;
    const kind = callKinds[records.kinds[call]!]!;
    const where = isStruck(call) ? 'struck' : 'others';
    const text = records.errorTexts[records.errors[call]!]!;
    const name = `${kind} ${where} ${text}`;
    counts.set(name, { kind, where, text, count: 1 + (counts.get(name)?.count ?? 0) });
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count);
}

/** What became of all INCRs of a case. */
export interface CounterFigures {
  readonly acknowledged: number;
  readonly maybe: number;
  /** Acknowledged, and not in the counters at the end: replication had not carried them over. */
  readonly lost: number;
  /** In the counters, and neither acknowledged nor possibly executed: applied twice. */
  readonly surplus: number;
  /** Counters whose end is exactly what was acknowledged. */
  readonly exact: number;
  readonly counters: number;
}

/** @param finals - the counters' values at the end, by key */
export function counterFigures(
  tallies: readonly CounterTally[],
  finals: ReadonlyMap<string, number>,
): CounterFigures {
  const sum = (of: (tally: CounterTally, final: number) => number): number =>
    tallies.reduce((total, tally) => total + of(tally, finals.get(tally.key) ?? 0), 0);
  return {
    acknowledged: sum(({ acknowledged }) => acknowledged),
    maybe: sum(({ maybe }) => maybe),
    lost: sum(({ acknowledged }, final) => Math.max(0, acknowledged - final)),
    surplus: sum(({ acknowledged, maybe }, final) => Math.max(0, final - acknowledged - maybe)),
    exact: sum(({ acknowledged }, final) => (acknowledged === final ? 1 : 0)),
    counters: tallies.length,
  };
}

/** What a node said of itself at one moment. */
export interface ShareSample {
  readonly atMs: number;
  /** Reads it has answered since it started. */
  readonly reads: number;
  readonly hasItsCopy: boolean;
}

/** A node has its share back when it answers this much of what it answered before. */
const SHARE_BACK = 0.5;

/**
 * How long after its return a node answers reads as before. It returns when it first answers, with its copy of the data,
 * after it was mended. `null`: it never returned, or never got its share back while it was watched, or never had one.
 */
export function shareBackAfterMs(
  samples: readonly ShareSample[],
  { faultAtMs, mendedAtMs }: Pick<Moments, 'faultAtMs' | 'mendedAtMs'>,
): number | null {
  if (mendedAtMs === undefined) return null;
  const before = rateOf(samples.filter(({ atMs }) => atMs < faultAtMs));
  if (before === 0) return null;
  const after = samples.filter(({ atMs }) => atMs >= mendedAtMs);
  const returned = after.findIndex(({ hasItsCopy }) => hasItsCopy);
  if (returned === -1) return null;
  for (let at = Math.max(1, returned); at < after.length; at++) {
    if (rateOf(after.slice(at - 1, at + 1)) >= before * SHARE_BACK) {
      return after[at]!.atMs - after[returned]!.atMs;
    }
  }
  return null;
}

/** Reads per millisecond from the first sample to the last. A restarted node counts from zero. */
function rateOf(samples: readonly ShareSample[]): number {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || first === last) return 0;
  return Math.max(0, last.reads - first.reads) / (last.atMs - first.atMs);
}

/** What the struck shards did, in steps of {@link TIMELINE_STEP_MS}; the chart is drawn from it. */
export interface Timeline {
  /** When the first step begins, before (negative) or after the fault. */
  readonly fromMs: number;
  /** Answers per step. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly errors: readonly number[];
  /** Calls per step of their issue that never settled. */
  readonly unsettled: readonly number[];
}

export const TIMELINE_STEP_MS = 50;

export function timelineOf(
  records: CallRecords,
  struckShards: readonly number[],
  { beganAtMs, faultAtMs, endedAtMs }: Moments,
): Timeline {
  // A step begins at the fault: no step mixes before and after.
  const stepsBefore = Math.ceil((faultAtMs - beganAtMs) / TIMELINE_STEP_MS);
  const startMs = faultAtMs - stepsBefore * TIMELINE_STEP_MS;
  const steps = Math.max(1, Math.ceil((endedAtMs - startMs) / TIMELINE_STEP_MS));
  const empty = (): number[] => Array.from({ length: steps }, () => 0);
  const timeline = { reads: empty(), writes: empty(), errors: empty(), unsettled: empty() };
  const add = (line: number[], atMs: number): void => {
    const step = Math.floor((atMs - startMs) / TIMELINE_STEP_MS);
    if (step >= 0 && step < steps) line[step]!++;
  };
  for (let call = 0; call < records.kinds.length; call++) {
    if (!struckShards.includes(records.shards[call]!)) continue;
    const outcome = records.outcomes[call]!;
    const isRead = callKinds[records.kinds[call]!] === 'read';
    if (outcome === PENDING) add(timeline.unsettled, records.issuedAtMs[call]!);
    else if (outcome === FAILED) add(timeline.errors, records.settledAtMs[call]!);
    else add(isRead ? timeline.reads : timeline.writes, records.settledAtMs[call]!);
  }
  return { fromMs: startMs - faultAtMs, ...timeline };
}
