import { describe, expect, it } from 'vitest';
import { isFlawless, type Summary, summaryJson, summaryLines } from '../../../demo/summary.js';

const summary: Summary = {
  server: 'redis 7.0.15',
  nodes: 6,
  totals: { operations: 26_000, errors: 0, moved: 3, asked: 40, retries: 2, topologyChanges: 5 },
  trafficMs: 13_000,
  increments: { acknowledged: 900, counted: 900 },
  messages: [],
};

describe('the summary of the demo', () => {
  it('counts every redirect, and operations per second over all', () => {
    expect(JSON.parse(summaryJson(summary))).toEqual({
      operations: 26_000,
      errors: 0,
      throughput: 2_000,
      nodes: 6,
      redirects: 43,
      topologyChanges: 5,
    });
  });

  it('is flawless only without errors, lost and doubled increments', () => {
    const { totals } = summary;
    expect(isFlawless(summary)).toBe(true);
    expect(isFlawless({ ...summary, totals: { ...totals, errors: 1 } })).toBe(false);
    expect(isFlawless({ ...summary, increments: { acknowledged: 900, counted: 899 } })).toBe(false);
    expect(isFlawless({ ...summary, increments: { acknowledged: 900, counted: 901 } })).toBe(false);
  });

  it('names the errors that came', () => {
    const lines = summaryLines({ ...summary, messages: ['CommandTimeoutError: get was not answered'] });
    expect(lines).toContain('    CommandTimeoutError: get was not answered');
  });
});
