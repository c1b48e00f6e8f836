import { medianOf } from '../../report/report.js';

/** The median of the runs, and the worst of them; infinite where it never came. */
export interface Spread {
  readonly median: number;
  readonly worst: number;
}

/** More is worse, and never (`null`) is worst. @returns undefined when there was no run */
export function spreadOf(values: readonly (number | null)[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const known = values.map((value) => value ?? Number.POSITIVE_INFINITY);
  return { median: medianOf(known), worst: Math.max(...known) };
}

/** `3 (17)`, or one figure when all runs are alike. */
export function spreadText(spread: Spread | undefined, textOf: (value: number) => string): string {
  if (spread === undefined) return '';
  const [median, worst] = [textOf(spread.median), textOf(spread.worst)];
  return median === worst ? worst : `${median} (${worst})`;
}

export function countText(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return 'never';
  if (ms === 0) return '0 ms';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}
