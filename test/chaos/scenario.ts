import { expect } from 'vitest';
import { faultNamed } from './support/faults/index.js';
import { stepLine, violationLine } from './support/report.js';
import { type RoundReport, runRound } from './support/round.js';
import { type Setting, settingText } from './support/setting.js';

/** A short round with faults in a fixed order; the seed decides whom they meet and how. */
export interface Scenario extends Setting {
  readonly faults: readonly string[];
}

/** Draws a scenario anew: `SLOTWISE_CHAOS_SEED=123 npx vitest run test/chaos`. */
const SEED_VARIABLE = 'SLOTWISE_CHAOS_SEED';
/** The same in every run, so that a failure is one of the change at hand. */
const DEFAULT_SEED = 20_260_101;
const MAX_SEED = 2 ** 32 - 1;

function seedOf(variable: string | undefined): number {
  if (variable === undefined || variable === '') return DEFAULT_SEED;
  const seed = Number(variable);
  if (Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED) return seed;
  throw new Error(`${SEED_VARIABLE} is '${variable}': expected a whole number from 0 to ${MAX_SEED}`);
}

/** Plays a scenario and expects that nothing was violated. What happened is in the test's output, with the seed. */
export async function expectKept(scenario: Scenario): Promise<RoundReport> {
  const seed = seedOf(process.env[SEED_VARIABLE]);
  const faults = scenario.faults.map(faultNamed);
  console.log(`Seed ${seed}: ${settingText(scenario)}`);
  const report = await runRound({
    seed,
    setting: scenario,
    nextFault: () => faults.shift(),
    onStep: (step) => console.log(stepLine(step)),
  });
  const violations = [...report.steps.flatMap((step) => step.violations), ...report.atEnd];
  expect(violations.map(violationLine), `violations with seed ${seed}`).toEqual([]);
  // The calm before the first fault is a step of its own.
  expect(report.steps.slice(1).map(({ name }) => name)).toEqual(scenario.faults);
  return report;
}
