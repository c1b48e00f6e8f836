import { seededRandom } from '../../../src/support/index.js';
import { type Engine, HarnessError } from '../../../src/testing/index.js';
import { Deck } from './deck.js';
import { allFaults, type Fault, faultNamed } from './faults/index.js';
import { handlesLeft, openHandles } from './handles.js';
import { stepLine, violationLine } from './report.js';
import { type RoundReport, runRound, type StepReport } from './round.js';
import { canHappen, drawSetting, settingText } from './setting.js';

/** Then other servers get their turn. */
const FAULTS_PER_ROUND = 8;
/** Keeps a round's servers apart from its faults. */
const SETTING_SEED = 0xc1;

/** How a long run is to go. */
export interface RunPlan {
  readonly minutes: number;
  readonly seed: number;
  readonly faults: readonly string[] | undefined;
  readonly engines: readonly Engine[];
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** What a long run showed. */
export interface RunTotals {
  readonly rounds: number;
  readonly faults: number;
  readonly calls: number;
  readonly failures: number;
  readonly violations: number;
  readonly harnessFailures: number;
}

/** Rounds until the time is over; the round under way ends with the fault under way. */
export async function runRounds(plan: RunPlan): Promise<RunTotals> {
  const { minutes, seed, signal, print } = plan;
  const faults = plan.faults?.map(faultNamed) ?? allFaults;
  const totals = { rounds: 0, faults: 0, calls: 0, failures: 0, violations: 0, harnessFailures: 0 };
  const untilMs = performance.now() + minutes * 60_000;
  print(`Chaos for ${minutes} min, seed ${seed}`);
  const broken: number[] = [];
  const count = ({ totals: { calls, failures } }: StepReport): void => {
    totals.calls += calls;
    totals.failures += failures;
  };
  try {
    while (performance.now() < untilMs) {
      const roundSeed = (seed + totals.rounds) >>> 0;
      totals.rounds++;
      const violations = await playRound(plan, faults, roundSeed, untilMs, (report) => {
        count(report);
        // The first step is the calm before the first fault.
        if (report.number > 0) totals.faults++;
      });
      if (violations === undefined) totals.harnessFailures++;
      totals.violations += violations ?? 0;
      if (violations !== 0) broken.push(roundSeed);
      signal.throwIfAborted();
    }
  } finally {
    print('');
    print(
      `${totals.rounds} rounds, ${totals.faults} faults, ${totals.calls} calls, ${totals.failures} errors that may be, ` +
        `${totals.violations} violations, ${totals.harnessFailures} failures of the harness`,
    );
    for (const roundSeed of broken) print(`Repeat the round: ${repeatCommand(plan, roundSeed)}`);
    print(`Repeat all: ${repeatCommand(plan, seed)} --minutes ${minutes}`);
  }
  return totals;
}

/** @returns the number of violations; undefined when the harness failed */
async function playRound(
  plan: RunPlan,
  faults: readonly Fault[],
  seed: number,
  untilMs: number,
  onStep: (report: StepReport) => void,
): Promise<number | undefined> {
  const { signal, print } = plan;
  const setting = drawSetting(seededRandom(seed ^ SETTING_SEED), plan.engines, faults);
  const deck = new Deck(faults.filter((fault) => canHappen(fault, setting)));
  const before = openHandles();
  let dealt = 0;
  // However short the run, a fault happens in it: one without any would show nothing.
  const isFirst = (number: number): boolean => number === 1 && seed === plan.seed;
  print(`\nRound with seed ${seed}: ${settingText(setting)}`);
  try {
    const report: RoundReport = await runRound({
      seed,
      setting,
      signal,
      nextFault: (random) =>
        dealt++ < FAULTS_PER_ROUND && (isFirst(dealt) || performance.now() < untilMs)
          ? deck.deal(random)
          : undefined,
      onStep: (step) => {
        onStep(step);
        print(`${new Date().toISOString().slice(11, 19)} ${stepLine(step)}`);
        for (const violation of step.violations) print(`  ${violationLine(violation)}`);
        if (step.suppressed > 0) print(`  ... and ${step.suppressed} more`);
      },
    });
    const left = await handlesLeft(before);
    const atEnd = [...report.atEnd, ...left];
    for (const violation of atEnd) print(`  ${violationLine(violation)}`);
    return report.steps.flatMap(({ violations }) => violations).length + atEnd.length;
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    print(`  The harness failed: ${error.message}`);
    return undefined;
  }
}

function repeatCommand({ faults, engines }: RunPlan, seed: number): string {
  const only = faults === undefined ? '' : ` --faults ${faults.join(',')}`;
  const engine = engines.length === 1 ? ` --engine ${engines.join()}` : '';
  return `npm run chaos -- --seed ${seed}${only}${engine}`;
}
