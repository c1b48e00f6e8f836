/**
 * Fails a test file that leaves connections, listening sockets, child processes or timers behind. What is open when
 * the file begins, the test runner's own, does not count; unreferenced handles, which keep no process alive, neither.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect } from 'vitest';

/** Sockets and processes need a moment to go after they were told to. */
const SETTLE_MS = 5_000;
const POLL_MS = 20;
const WATCHED = ['TCPSocketWrap', 'TCPServerWrap', 'TLSWrap', 'PipeWrap', 'ProcessWrap', 'Timeout'];

function openHandles(): Map<string, number> {
  const counts = new Map(WATCHED.map((kind) => [kind, 0]));
  for (const kind of process.getActiveResourcesInfo()) {
    const count = counts.get(kind);
    if (count !== undefined) counts.set(kind, count + 1);
  }
  return counts;
}

const before = openHandles();

/** What is open beyond what was open before, as `kind: count`. */
function leaks(): string[] {
  const after = [...openHandles()].map(([kind, count]) => ({ kind, count: count - (before.get(kind) ?? 0) }));
  return after.filter(({ count }) => count > 0).map(({ kind, count }) => `${kind}: ${count}`);
}

afterAll(async () => {
  for (let waitedMs = 0; leaks().length > 0 && waitedMs < SETTLE_MS; waitedMs += POLL_MS)
    await delay(POLL_MS);
  expect(leaks(), 'handles that this file left open').toEqual([]);
});
