import { describe, expect, it } from 'vitest';
import { type CallKind, Recorder } from '../../../bench/failover/records.js';
import {
  caseFigures,
  counterFigures,
  longestGapMs,
  type Moments,
  quantile,
  shareBackAfterMs,
  timelineOf,
  TIMELINE_STEP_MS,
} from '../../../bench/failover/statistics.js';

const STRUCK = 0;
const OTHER = 1;

/** A fault at 1,000, a promotion at 3,000, a return at 6,000 and the end of the load at 10,000. */
const moments: Moments = {
  beganAtMs: 0,
  faultAtMs: 1_000,
  promotedAtMs: 3_000,
  mendedAtMs: 6_000,
  calmAtMs: 7_000,
  endedAtMs: 10_000,
};

type Call = readonly [
  kind: CallKind,
  shard: number,
  issuedAtMs: number,
  settledAtMs: number | 'never',
  outcome?: 'ok' | 'empty' | Error,
];

function recordsOf(calls: readonly Call[]): ReturnType<Recorder['take']> {
  const recorder = new Recorder();
  for (const [kind, shard, issuedAtMs, settledAtMs, outcome = 'ok'] of calls) {
    const call = recorder.begin(kind, shard, issuedAtMs);
    if (settledAtMs === 'never') continue;
    if (outcome instanceof Error) recorder.end(call, 'failed', settledAtMs, outcome);
    else recorder.end(call, outcome, settledAtMs);
  }
  return recorder.take();
}

const figuresOf = (calls: readonly Call[], at: Moments = moments): ReturnType<typeof caseFigures> =>
  caseFigures(recordsOf(calls), [STRUCK], at);

/** One call every 100 ms, each answered after 5 ms, but for those issued in the pause. */
function steady(kind: CallKind, shard: number, pause?: readonly [fromMs: number, toMs: number]): Call[] {
  return Array.from({ length: 100 }, (_, index) => index * 100).flatMap((atMs): Call[] =>
    pause && atMs >= pause[0] && atMs < pause[1] ? [] : [[kind, shard, atMs, atMs + 5]],
  );
}

describe('records of calls', () => {
  it('keeps what it was told of more calls than it began with room for', () => {
    const recorder = new Recorder();
    const many = 40_000;
    for (let i = 0; i < many; i++) recorder.end(recorder.begin('write', 2, i), 'ok', i + 1);
    const { kinds, shards, issuedAtMs, settledAtMs } = recorder.take();
    expect(kinds).toHaveLength(many);
    expect([shards[many - 1], issuedAtMs[many - 1], settledAtMs[many - 1]]).toEqual([2, many - 1, many]);
  });

  it('takes errors that differ in numbers only for one, and keeps a bounded number of texts', () => {
    const recorder = new Recorder();
    const fail = (message: string): void =>
      recorder.end(recorder.begin('read', 0, 0), 'failed', 1, new Error(message));
    fail('no answer from 127.0.0.1:7000');
    fail('no answer from 127.0.0.1:7001');
    const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
    for (const first of letters) for (const second of letters) fail(first + second);
    const { errorTexts, errors } = recorder.take();
    expect(errorTexts[0]).toBe('Error: no answer from #.#.#.#:#');
    expect(errors[1]).toBe(0);
    expect(errorTexts).toHaveLength(64);
    expect(errorTexts[errors.at(-1)!]).toBe('other errors');
  });
});

describe('figures of a case', () => {
  it('finds nothing amiss where every call was answered', () => {
    const { struck, others, troubleAfterReturnMs, errorCounts, waitingAtReturn } = figuresOf([
      ...steady('read', STRUCK),
      ...steady('write', OTHER),
    ]);
    expect(struck.read).toMatchObject({ errors: 0, empty: 0, unsettled: 0, hasRecovered: true });
    expect(struck.read.worstStallMs).toBe(100);
    expect(struck.read.worstCallMs).toBe(5);
    expect(others.write).toMatchObject({ calls: 90, errors: 0 });
    expect([troubleAfterReturnMs, errorCounts, waitingAtReturn]).toEqual([0, [], 0]);
  });

  it('tells the struck shards from the others, and kinds from each other', () => {
    const { struck, others, errorCounts } = figuresOf([
      ['read', STRUCK, 2_000, 2_001, new Error('A')],
      ['write', STRUCK, 2_000, 2_001, new Error('B')],
      ['write', STRUCK, 2_000, 2_001, new Error('B')],
      ['increment', OTHER, 2_000, 2_001, new Error('C')],
    ]);
    expect([struck.read.errors, struck.write.errors, struck.increment.errors]).toEqual([1, 2, 0]);
    expect([others.read.errors, others.write.errors, others.increment.errors]).toEqual([0, 0, 1]);
    expect(errorCounts).toEqual([
      { kind: 'write', where: 'struck', text: 'Error: B', count: 2 },
      { kind: 'read', where: 'struck', text: 'Error: A', count: 1 },
      { kind: 'increment', where: 'others', text: 'Error: C', count: 1 },
    ]);
  });

  it('leaves out what had ended before the fault, and counts what was under way', () => {
    const { struck } = figuresOf([
      ['write', STRUCK, 100, 900, new Error('before')],
      ['write', STRUCK, 900, 1_100, new Error('under way')],
    ]);
    expect(struck.write).toMatchObject({ calls: 1, errors: 1 });
  });

  it('measures a stall from the last success to the next, not from the fault', () => {
    const calls = steady('write', STRUCK, [900, 4_000]);
    expect(figuresOf(calls).struck.write.worstStallMs).toBe(4_005 - 805);
  });

  it('takes the worst of several shards for the stall', () => {
    const calls = [...steady('read', STRUCK), ...steady('read', OTHER, [2_000, 5_000])];
    const { struck } = caseFigures(recordsOf(calls), [STRUCK, OTHER], moments);
    expect(struck.read.worstStallMs).toBe(5_005 - 1_905);
  });

  it('says that who fell silent has not recovered, and counts calls that never settled', () => {
    const { struck } = figuresOf([
      ...steady('write', STRUCK, [1_000, 10_000]),
      ['write', STRUCK, 1_000, 'never'],
      ['write', STRUCK, 9_000, 'never'],
    ]);
    expect(struck.write).toMatchObject({ unsettled: 2, hasRecovered: false, calls: 2 });
    expect(struck.write.worstStallMs).toBe(10_000 - 905);
  });

  it('finds the first SET after the promotion, whenever it was issued, and no read or failure in its place', () => {
    const { firstWriteAfterPromotionMs, promotedAfterMs } = figuresOf([
      ['read', STRUCK, 3_000, 3_001],
      ['write', STRUCK, 3_000, 3_002, new Error('no')],
      ['write', OTHER, 3_000, 3_003],
      ['increment', STRUCK, 3_000, 3_004],
      ['write', STRUCK, 1_200, 3_090],
      ['write', STRUCK, 3_080, 3_100],
    ]);
    expect([promotedAfterMs, firstWriteAfterPromotionMs]).toEqual([2_000, 90]);
  });

  it('says null when no SET ever succeeded after the promotion', () => {
    const { firstWriteAfterPromotionMs } = figuresOf([['write', STRUCK, 2_000, 2_999]]);
    expect(firstWriteAfterPromotionMs).toBeNull();
  });

  it('counts who was still waiting, for a second or longer, when the old primary came back', () => {
    const { waitingAtReturn } = figuresOf([
      ['write', STRUCK, 4_900, 6_001],
      ['write', STRUCK, 2_000, 'never'],
      ['write', STRUCK, 5_500, 6_001],
      ['write', STRUCK, 4_900, 5_999],
      ['write', OTHER, 4_900, 6_001],
    ]);
    expect(waitingAtReturn).toBe(2);
  });

  it('holds failed and pending calls against the other shards\u2019 p99', () => {
    const before: Call[] = [['read', OTHER, 500, 503]];
    const slow: Call[] = [...before, ['read', OTHER, 2_000, 2_040]];
    expect(figuresOf(slow)).toMatchObject({ othersP99BeforeMs: 3, othersP99DuringMs: 40 });
    expect(figuresOf([...before, ['read', OTHER, 2_000, 'never']]).othersP99DuringMs).toBeNull();
  });

  it('follows trouble beyond the return of what was gone: errors, slow calls, and what never settles', () => {
    expect(figuresOf([['read', OTHER, 6_500, 6_510, new Error('late')]]).troubleAfterReturnMs).toBe(510);
    expect(figuresOf([['read', OTHER, 6_500, 6_900]]).troubleAfterReturnMs).toBe(900);
    expect(figuresOf([['read', OTHER, 6_500, 'never']]).troubleAfterReturnMs).toBe(4_000);
    expect(figuresOf([['read', OTHER, 5_900, 6_900]]).troubleAfterReturnMs).toBe(0);
  });

  it('says when the last shard answered again, and null when one did not', () => {
    const back: Call[] = [
      ['read', STRUCK, 1_100, 6_010],
      ['write', STRUCK, 6_200, 6_250],
      ['read', OTHER, 5_000, 5_001],
      ['read', OTHER, 6_001, 6_002],
      ['write', OTHER, 6_001, 6_900],
      ['write', OTHER, 6_001, 6_002, new Error('not yet')],
    ];
    expect(figuresOf(back).answeringAfterReturnMs).toBe(900);
    expect(figuresOf([...back, ['read', 2, 5_000, 5_001]]).answeringAfterReturnMs).toBeNull();
  });

  it('counts reads that found nothing apart from errors', () => {
    const { struck } = figuresOf([['read', STRUCK, 2_000, 2_001, 'empty']]);
    expect(struck.read).toMatchObject({ empty: 1, errors: 0 });
  });
});

describe('longest gap', () => {
  it('counts whole what began before the window, and to the end what nothing ended', () => {
    expect(longestGapMs([90, 110], 100, 120)).toBe(20);
    expect(longestGapMs([50, 150], 100, 200)).toBe(100);
    expect(longestGapMs([100, 120], 100, 200)).toBe(80);
    expect(longestGapMs([], 100, 200)).toBe(100);
  });

  it('does not depend on the order of the times', () => {
    expect(longestGapMs([180, 120, 110], 100, 200)).toBe(60);
  });
});

describe('quantile', () => {
  it('is the value that so many of the values do not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)]).toEqual([50, 99, 100]);
    expect(quantile([], 0.99)).toBeNull();
    expect(quantile([1, Number.POSITIVE_INFINITY], 0.99)).toBeNull();
  });
});

describe('counters', () => {
  it('tells lost from surplus INCRs, and allows for those that may have been executed', () => {
    const tallies = [
      { key: 'exact', acknowledged: 5, maybe: 0 },
      { key: 'within', acknowledged: 5, maybe: 3 },
      { key: 'lost', acknowledged: 5, maybe: 3 },
      { key: 'surplus', acknowledged: 5, maybe: 1 },
      { key: 'absent', acknowledged: 2, maybe: 0 },
    ];
    const finals = new Map([
      ['exact', 5],
      ['within', 7],
      ['lost', 4],
      ['surplus', 8],
    ]);
    expect(counterFigures(tallies, finals)).toEqual({
      acknowledged: 22,
      maybe: 7,
      lost: 3,
      surplus: 2,
      exact: 1,
      counters: 5,
    });
  });
});

describe('share of a replica', () => {
  const before = [0, 500, 1_000].map((atMs) => ({ atMs, reads: atMs / 10, hasItsCopy: true }));
  const at = { faultAtMs: 1_001, mendedAtMs: 5_000 };

  it('is back when the replica answers half of what it did, counted from its return', () => {
    const after = [
      { atMs: 5_200, reads: 0, hasItsCopy: false },
      { atMs: 5_400, reads: 0, hasItsCopy: true },
      { atMs: 5_600, reads: 5, hasItsCopy: true },
      { atMs: 5_800, reads: 20, hasItsCopy: true },
    ];
    expect(shareBackAfterMs([...before, ...after], at)).toBe(400);
  });

  it('is not back while nobody asks it, and cannot come back where there was none', () => {
    const idle = [5_200, 5_400, 5_600].map((atMs) => ({ atMs, reads: 100, hasItsCopy: true }));
    expect(shareBackAfterMs([...before, ...idle], at)).toBeNull();
    const unused = before.map((sample) => ({ ...sample, reads: 0 }));
    expect(shareBackAfterMs([...unused, ...idle], at)).toBeNull();
  });
});

describe('timeline', () => {
  it('has a step that begins at the fault, and puts each call where it ended', () => {
    const records = recordsOf([
      ['read', STRUCK, 990, 999],
      ['read', STRUCK, 995, 1_000],
      ['increment', STRUCK, 1_000, 1_000 + TIMELINE_STEP_MS],
      ['write', STRUCK, 1_000, 1_001, new Error('no')],
      ['write', STRUCK, 1_120, 'never'],
      ['read', OTHER, 1_000, 1_001],
    ]);
    const { fromMs, reads, writes, errors, unsettled } = timelineOf(records, [STRUCK], {
      ...moments,
      beganAtMs: 930,
      endedAtMs: 1_150,
    });
    expect(fromMs).toBe(-100);
    expect(reads).toEqual([0, 1, 1, 0, 0]);
    expect(writes).toEqual([0, 0, 0, 1, 0]);
    expect(errors).toEqual([0, 0, 1, 0, 0]);
    expect(unsettled).toEqual([0, 0, 0, 0, 1]);
  });
});
