import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryBudget } from '../../../src/resilience/index.js';

const SETTINGS = { budgetRatio: 0.2, budgetPerSecond: 10, budgetBurst: 5 };

/** Tokens that can be taken at one moment. */
function takeAll(budget: RetryBudget, nowMs: number, successes: number): number {
  let taken = 0;
  while (taken < 10_000 && budget.take(nowMs, successes)) taken++;
  return taken;
}

describe('a retry budget', () => {
  it('begins full, and is used up by its burst', () => {
    const budget = new RetryBudget(SETTINGS, 0);
    expect(budget.tokens).toBe(5);
    expect(takeAll(budget, 0, 0)).toBe(5);
    expect(budget.tokens).toBe(0);
    expect(budget.take(0, 0)).toBe(false);
  });

  it('earns a share of every success, once', () => {
    const budget = new RetryBudget(SETTINGS, 0);
    takeAll(budget, 0, 0);
    expect(takeAll(budget, 0, 4)).toBe(0);
    expect(takeAll(budget, 0, 5)).toBe(1);
    expect(takeAll(budget, 0, 5)).toBe(0);
    expect(takeAll(budget, 0, 20)).toBe(3);
  });

  it('earns a little each second, whatever happens', () => {
    const budget = new RetryBudget(SETTINGS, 0);
    takeAll(budget, 0, 0);
    expect(takeAll(budget, 99, 0)).toBe(0);
    expect(takeAll(budget, 101, 0)).toBe(1);
    expect(takeAll(budget, 401, 0)).toBe(3);
  });

  it('saves up no more than its burst', () => {
    const budget = new RetryBudget(SETTINGS, 0);
    takeAll(budget, 0, 0);
    expect(takeAll(budget, 3_600_000, 1_000_000)).toBe(5);
  });

  it('takes nothing away when the clock or the count stands, and none for a clock that goes back', () => {
    const budget = new RetryBudget(SETTINGS, 1_000);
    expect(budget.take(0, 0)).toBe(true);
    expect(budget.tokens).toBe(4);
  });

  it('allows, over any course of events, no more than its burst and what was earned', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ passedMs: fc.nat(2_000), successes: fc.nat(50), wanted: fc.nat(20) }), {
          maxLength: 60,
        }),
        (steps) => {
          const budget = new RetryBudget(SETTINGS, 0);
          let [nowMs, successes, taken] = [0, 0, 0];
          for (const step of steps) {
            nowMs += step.passedMs;
            successes += step.successes;
            for (let i = 0; i < step.wanted; i++) if (budget.take(nowMs, successes)) taken++;
            const earned = successes * SETTINGS.budgetRatio + (nowMs / 1_000) * SETTINGS.budgetPerSecond;
            expect(taken).toBeLessThanOrEqual(SETTINGS.budgetBurst + earned + 1e-6);
          }
        },
      ),
    );
  });
});
