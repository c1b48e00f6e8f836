import { eventually, HarnessError } from '../../../src/testing/index.js';
import type { Violation } from './invariants.js';

const WATCHED: readonly string[] = [
  'TCPSocketWrap',
  'TCPServerWrap',
  'TLSWrap',
  'PipeWrap',
  'ProcessWrap',
  'Timeout',
];
/** Sockets and processes need a moment to go after they were told to. */
const LEAVE_MS = 5_000;

/** What keeps this process alive, by kind. */
export type Handles = ReadonlyMap<string, number>;

export function openHandles(): Handles {
  const counts = new Map(WATCHED.map((kind) => [kind, 0]));
  for (const kind of process.getActiveResourcesInfo()) {
    const count = counts.get(kind);
    if (count !== undefined) counts.set(kind, count + 1);
  }
  return counts;
}

/** What is open that was not before, once everything has had its time to go. */
export async function handlesLeft(before: Handles): Promise<Violation[]> {
  let left: string[] = [];
  const gone = (): boolean => {
    const now = [...openHandles()].map(([kind, count]) => ({ kind, more: count - (before.get(kind) ?? 0) }));
    // The timer of this very wait is not open while its condition is asked.
    left = now.filter(({ more }) => more > 0).map(({ kind, more }) => `${more} of ${kind}`);
    return left.length === 0;
  };
  try {
    await eventually('no handle is open', gone, { withinMs: LEAVE_MS });
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
  }
  return left.map((message) => ({
    invariant: 'leaves nothing',
    message: `open in this process: ${message}`,
  }));
}
