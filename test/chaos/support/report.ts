import type { Violation } from './invariants.js';
import type { StepReport } from './round.js';

/** A fault in one line. */
export function stepLine({ number, name, detail, durationMs, totals, violations }: StepReport): string {
  const { calls, failures, givenUp, byCode, slowestMs, misses } = totals;
  const codes = [...byCode].map(([code, count]) => `${count} ${code}`).join(', ');
  const errors = failures === 0 ? 'no error' : `${failures} errors (${codes})`;
  const missed = misses === 0 ? '' : `, ${misses} replica reads found nothing`;
  const verdict = violations.length === 0 ? 'kept' : `VIOLATED ${violations.length} times`;
  const what = detail === '' ? name : `${name} (${detail})`;
  const seconds = (durationMs / 1_000).toFixed(1);
  return `#${number} ${what}: ${seconds} s, ${calls} calls, ${givenUp} given up, ${errors}${missed}, slowest ${Math.round(slowestMs)} ms: ${verdict}`;
}

export function violationLine({ invariant, message }: Violation): string {
  return `VIOLATION (${invariant}): ${message}`;
}
