import { describe, expect, it } from 'vitest';
import { questionFigures, questionSamples } from '../../../bench/failover/crowd/questions.js';
import { parseOptions } from '../../../bench/failover/options.js';
import type { CaseResult } from '../../../bench/failover/play-case.js';
import { judge } from '../../../bench/failover/report/bars.js';
import { formatFailover } from '../../../bench/failover/report/markdown.js';
import { type CaseEntry, type FailoverReport, mergeReports } from '../../../bench/failover/report/report.js';
import { tablesOf } from '../../../bench/failover/report/rows.js';
import { durationText, spreadOf, spreadText } from '../../../bench/failover/report/spread.js';
import { drawTimelines } from '../../../bench/failover/report/timeline-chart.js';
import type { FiguresByKind, KindFigures } from '../../../bench/failover/statistics.js';
import { UsageError } from '../../../bench/options.js';

const well: KindFigures = {
  calls: 100,
  errors: 0,
  empty: 0,
  unsettled: 0,
  worstStallMs: 20,
  hasRecovered: true,
  worstCallMs: 8,
};

const allWell: FiguresByKind = { read: well, write: well, increment: well };

const flawless: CaseResult = {
  struck: allWell,
  others: allWell,
  promotedAfterMs: 3_000,
  firstWriteAfterPromotionMs: 40,
  waitingAtReturn: 0,
  othersP99BeforeMs: 2,
  othersP99DuringMs: 3,
  troubleAfterReturnMs: 0,
  answeringAfterReturnMs: 12,
  errorCounts: [],
  counters: { acknowledged: 50, maybe: 0, lost: 0, surplus: 0, exact: 60, counters: 60 },
  shareBackAfterMs: 400,
  mendedAfterMs: 8_000,
  calmAfterMs: 8_500,
  skipped: 0,
  worstTickDelayMs: 4,
  strayErrors: [],
  timeline: {
    fromMs: -100,
    reads: [5, 5, 0, 5],
    writes: [6, 6, 0, 40],
    errors: [0, 0, 3, 0],
    unsettled: [0, 0, 0, 0],
  },
  server: 'redis 7.0.15',
};

const entry = (
  result: Partial<CaseResult>,
  name: Partial<Pick<CaseEntry, 'fault' | 'coverage' | 'client' | 'run'>> = {},
): CaseEntry => ({
  fault: 'hang',
  coverage: 'no',
  client: 'slotwise',
  run: 1,
  ...name,
  result: { ...flawless, ...result },
});

const reportOf = (cases: readonly CaseEntry[]): FailoverReport => ({
  startedAt: '2020-01-02T03:04:05.000Z',
  command: 'npm run bench:failover',
  complete: true,
  machine: { cpu: 'a <cpu>', cores: 2, memoryGiB: 4, platform: 'linux x64', node: '20.0.0' },
  versions: { slotwise: '1.2.3' },
  cases,
});

const failedBars = (cases: readonly CaseEntry[]): string[] =>
  judge({ cases })
    .filter(({ hasPassed }) => !hasPassed)
    .map(({ what, measured }) => `${what}: ${measured}`);

const kind = (name: 'read' | 'write' | 'increment', changes: Partial<KindFigures>): FiguresByKind => ({
  ...allWell,
  [name]: { ...well, ...changes },
});

describe('what must be reached', () => {
  it('is reached by a run without a flaw, under every fault', () => {
    const faults = [
      'hang',
      'kill',
      'failover',
      'reshard',
      'rolling-restart',
      'replica-hang',
      'replica-kill',
      'zone',
      'replace',
    ] as const;
    for (const fault of faults) {
      const lines = judge({ cases: [entry({}, { fault })] });
      expect(lines.length).toBeGreaterThan(1);
      expect(failedBars([entry({}, { fault })])).toEqual([]);
    }
  });

  it.each([
    ['hang', { struck: kind('read', { errors: 1 }) }, 'failed reads: 1'],
    ['kill', { struck: kind('write', { errors: 2 }) }, 'failed SETs: 2'],
    ['hang', { struck: kind('read', { worstStallMs: 501 }) }, 'longest stall of reads: 501 ms'],
    ['hang', { firstWriteAfterPromotionMs: 201 }, 'first SET after the promotion: 201 ms'],
    ['hang', { firstWriteAfterPromotionMs: null }, 'first SET after the promotion: never'],
    ['kill', { others: kind('increment', { errors: 1 }) }, 'errors of the other shards: 1'],
    ['hang', { others: kind('increment', { unsettled: 3 }) }, 'calls never settled: 3'],
    ['failover', { struck: kind('increment', { errors: 1 }) }, 'errors of any kind: 1'],
    ['reshard', { counters: { ...flawless.counters, exact: 59 } }, 'counters not exact: 1'],
    ['reshard', { struck: kind('write', { worstCallMs: 151 }) }, 'slowest call: 151 ms'],
    ['rolling-restart', { struck: kind('write', { unsettled: 1 }) }, 'calls never settled: 1'],
    ['replica-kill', { shareBackAfterMs: null }, 'share back after its return: never'],
    ['zone', { others: kind('read', { errors: 1 }) }, 'failed reads, of all shards: 1'],
    ['replace', { answeringAfterReturnMs: 3_001 }, 'every shard answers again after its return: 3.00 s'],
    ['zone', { troubleAfterReturnMs: 5_001 }, 'last trouble after it came back: 5.00 s'],
  ] as const)('is missed under %s by %o', (fault, flaw, line) => {
    // The worst of the runs counts.
    expect(failedBars([entry({}, { fault, run: 1 }), entry(flaw, { fault, run: 2 })])).toEqual([line]);
  });

  it('asks no INCR to survive the loss of a primary, nor reads where the servers refuse them', () => {
    const flaws = { struck: { ...kind('increment', { errors: 9 }), read: { ...well, errors: 9 } } };
    expect(failedBars([entry(flaws, { coverage: 'yes' })])).toEqual([]);
  });

  it('is asked of Slotwise alone, and only of what was measured', () => {
    const other = entry({ struck: kind('read', { errors: 1 }) }, { client: 'ioredis' });
    expect(judge({ cases: [other] })).toEqual([]);
    const failed: CaseEntry = { fault: 'hang', coverage: 'no', client: 'slotwise', run: 1, failure: 'no' };
    expect(judge({ cases: [failed] })).toEqual([]);
  });
});

describe('spread of several runs', () => {
  it('is the median with the worst, and never is worse than any time', () => {
    expect(spreadText(spreadOf([1, 9, 3]), String)).toBe('3 (9)');
    expect(spreadText(spreadOf([100, null, 200]), durationText)).toBe('200 ms (never)');
    expect(spreadText(spreadOf([7, 7]), String)).toBe('7');
    expect(spreadText(spreadOf([]), String)).toBe('');
  });
});

describe('tables', () => {
  it('say when SETs went on only because the old primary came back', () => {
    const late = entry({ firstWriteAfterPromotionMs: 5_001 }, { client: 'ioredis' });
    const table = tablesOf(reportOf([entry({}), late])).find(({ title }) =>
      title.startsWith('A primary hangs'),
    )!;
    const column = table.head.indexOf('first SET after promotion');
    expect(table.rows.map((row) => [row[0], row[column]])).toEqual([
      ['Slotwise', '40 ms'],
      ['ioredis', 'only with its return'],
    ]);
  });

  it('have as many cells as heads in every row', () => {
    const faults = ['hang', 'failover', 'reshard', 'replica-kill', 'zone'] as const;
    for (const { head, rows } of tablesOf(reportOf(faults.map((fault) => entry({}, { fault }))))) {
      for (const row of rows) expect(row).toHaveLength(head.length);
    }
  });
});

describe('documents', () => {
  const report = reportOf([entry({}), entry({}, { client: 'glide' })]);

  it('name the command, the versions, and what could not be measured', () => {
    const failed: CaseEntry = {
      fault: 'kill',
      coverage: 'yes',
      client: 'glide',
      run: 2,
      failure: 'no server\nat x',
    };
    const text = formatFailover({ ...report, cases: [...report.cases, failed] }, 'chart.svg');
    expect(text).toContain('`npm run bench:failover`');
    expect(text).toContain('(`slotwise` 1.2.3)');
    expect(text).toContain('(chart.svg)');
    expect(text).toContain('- kill, coverage yes, glide, run 2: no server\n');
  });

  it('draw a lane for each client, with nothing outside of the picture', () => {
    const svg = drawTimelines(report);
    expect(svg.match(/class="lane"/g)).toHaveLength(2);
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number);
    for (const [, x, y] of svg.matchAll(/<(?:rect|text)[^>]* x="([\d.-]+)" y="([\d.-]+)"/g)) {
      expect(Number(x)).toBeLessThan(width!);
      expect(Number(y)).toBeLessThan(height!);
    }
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('can be made of the parts of a run', () => {
    const merged = mergeReports([
      reportOf([entry({})]),
      { ...reportOf([entry({}, { run: 2 })]), complete: false },
    ]);
    expect(merged.cases.map(({ run }) => run)).toEqual([1, 2]);
    expect(merged.complete).toBe(true);
  });
});

describe('questions of a crowd', () => {
  it('are counted per second and node, and all at once after a silence', () => {
    const samples = questionSamples(
      [
        { node: 'a', atMs: 0, questions: 10 },
        { node: 'b', atMs: 0, questions: 0 },
        { node: 'a', atMs: 500, questions: 30 },
        { node: 'b', atMs: 8_000, questions: 600 },
      ],
      400,
    );
    expect(samples).toEqual([
      { node: 'a', afterFaultMs: 100, perSecond: 40 },
      { node: 'b', afterFaultMs: 7_600, perSecond: 600 },
    ]);
    expect(questionFigures(samples, 0, 10_000)).toEqual({
      peakPerNodePerSecond: 600,
      meanPerNodePerSecond: 320,
    });
    expect(questionFigures(samples, 100, 200)).toEqual({ peakPerNodePerSecond: 0, meanPerNodePerSecond: 0 });
  });
});

describe('command line', () => {
  it('measures everything when told nothing, and only then calls it complete', () => {
    const all = parseOptions([]);
    expect(all).toMatchObject({
      runs: 5,
      otherRuns: 2,
      crowd: 1_000,
      coverages: ['no', 'yes'],
      complete: true,
    });
    expect(all.clients).toEqual(['slotwise', 'ioredis', 'node-redis', 'glide']);
    expect(parseOptions(['--faults', 'hang'])).toMatchObject({ faults: ['hang'], crowd: 0, complete: false });
    expect(parseOptions(['--runs', '3'])).toMatchObject({ runs: 3, otherRuns: 3, complete: false });
    expect(parseOptions(['--crowd', '50'])).toMatchObject({ faults: [], crowd: 50 });
    expect(parseOptions(['--quick'])).toMatchObject({ runs: 1, coverages: ['no'], crowd: 0 });
  });

  it.each([
    [['--fautls', 'hang'], /did you mean --faults/],
    [['--faults', 'hagn'], /did you mean "hang"/],
    [['--coverage', 'maybe'], /expected yes, no or both/],
    [['--runs', '0'], /from 1 to 100/],
    [['--runs', '1.5'], /whole number/],
    [['--crowd', ''], /whole number/],
    [['hang'], /positional/],
  ])('refuses %j with a word about it', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
});
