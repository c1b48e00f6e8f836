import { describe, expect, it } from 'vitest';
import { CommandTimeoutError } from '../../../src/index.js';
import { Step } from '../../chaos/support/journal.js';

const LOSSY = { mayFail: true, mayLose: true, mayDelay: true };
const PATIENT = { kind: 'INCR', key: 'c', deadlineMs: 60_000, isRepeatable: false };
/** So long ago that any number of turns is late. */
const LATE = { ...PATIENT, deadlineMs: -1 };

/** A call that ends when told to. */
function pending(): { readonly call: Promise<string>; readonly end: () => void } {
  let end = (): void => undefined;
  const call = new Promise<string>((resolve) => {
    end = () => resolve('OK');
  });
  return { call, end: () => end() };
}

describe('a step of the journal', () => {
  it('takes an acknowledgement for certain only when the servers were well all the time', async () => {
    const step = new Step(1, 'a fault', LOSSY, false);
    const outcomes: unknown[] = [];
    const run = async (before: () => void, after: () => void): Promise<void> => {
      before();
      const { call, end } = pending();
      const outcome = step.run(PATIENT, () => call);
      after();
      end();
      const { isKept, isLast } = (await outcome) as { isKept: boolean; isLast: boolean };
      outcomes.push([isKept, isLast]);
    };
    const stay = (): void => undefined;
    await run(stay, stay);
    await run(stay, () => step.enter('disturbed'));
    await run(stay, stay);
    await run(stay, () => step.enter('recovered'));
    await run(stay, stay);
    expect(outcomes).toEqual([true, false, false, false, true].map((isCertain) => [isCertain, isCertain]));
  });

  it.each([false, true])(
    'takes every acknowledgement for kept where nothing may be lost, delays: %s',
    async (mayDelay) => {
      const step = new Step(1, 'a fault', { mayFail: true, mayLose: false, mayDelay }, false);
      step.enter('disturbed');
      const outcome = await step.run(PATIENT, async () => 1);
      expect(outcome).toEqual({ ok: true, reply: 1, isKept: true, isLast: !mayDelay });
    },
  );

  it('reports a call once that is unsettled after many turns, and none that settles', async () => {
    const step = new Step(1, 'a fault', LOSSY, false);
    const never = pending();
    const running = step.run(LATE, () => never.call);
    for (let turn = 0; turn < 20; turn++) step.turn();
    expect(step.violations).toEqual([]);
    for (let turn = 0; turn < 5; turn++) step.turn();
    expect(step.violations.map(({ invariant }) => invariant)).toEqual(['settles']);
    expect(step.open).toBe(1);
    never.end();
    await running;
    expect(step.open).toBe(0);
  });

  it('does not count turns before the deadline', () => {
    const step = new Step(1, 'a fault', LOSSY, false);
    const { call, end } = pending();
    void step.run(PATIENT, () => call);
    for (let turn = 0; turn < 100; turn++) step.turn();
    expect(step.violations).toEqual([]);
    end();
  });

  it('counts calls and errors, judges errors by when their call began, and keeps a bounded number of violations', async () => {
    const step = new Step(1, 'a fault', LOSSY, false);
    const fail = async (): Promise<never> => {
      throw new CommandTimeoutError('late', { executed: 'maybe' });
    };
    await step.run(PATIENT, async () => 'OK');
    await step.run(PATIENT, fail);
    expect(step.violations).toEqual([]);
    step.enter('recovered');
    for (let i = 0; i < 20; i++) await step.run(PATIENT, fail);
    expect(step.violations.map(({ invariant }) => invariant)).toEqual(Array(8).fill('recovers'));
    expect(step.suppressed).toBe(12);
    expect(step.totals).toMatchObject({ calls: 22, failures: 21 });
    expect([...step.totals.byCode]).toEqual([['COMMAND_TIMEOUT maybe', 21]]);
  });
});
