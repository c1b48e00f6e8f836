import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { DemoState } from '../../../demo/state.js';
import type { Screen } from '../../../demo/text.js';
import { view } from '../../../demo/view.js';

/** Three shards of about equal size, as a topology's slot table tells them. */
function owners(): Uint16Array {
  return new Uint16Array(16_384).fill(0, 0, 5_461).fill(1, 5_461, 10_922).fill(2, 10_922);
}

function state(changes: Partial<DemoState> = {}): DemoState {
  const node = { zone: 'us-east-1a', link: 'ready', commandsPerSecond: 12_345, share: 1 / 6 };
  return {
    server: 'redis 7.0.15',
    elapsedMs: 8_240,
    act: 'moving 800 slots from shard 0 to shard 2',
    throughput: 41_203,
    history: Array.from({ length: 200 }, (_, i) => i * 100),
    totals: { operations: 312_004, errors: 0, moved: 1, asked: 43, retries: 0, topologyChanges: 3 },
    nodes: Array.from({ length: 6 }, (_, i) => ({
      ...node,
      address: `127.0.0.1:1720${i}`,
      shard: Math.floor(i / 2),
      role: i % 2 === 0 ? 'primary' : 'replica',
    })),
    zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'].map((zone) => ({ zone, share: 1 / 3 })),
    slotOwners: owners(),
    events: Array.from({ length: 50 }, (_, i) => ({ atMs: i * 1_000, text: `event ${i}` })),
    ...changes,
  };
}

const RICH: Screen = { columns: 80, rows: 24, colours: true, unicode: true };
const POOR: Screen = { columns: 80, rows: 24, colours: false, unicode: false };

const plain = (screen: Screen, changes: Partial<DemoState> = {}): string[] =>
  view(state(changes), screen).map(stripVTControlCharacters);

describe('the view of the demo', () => {
  it.each([
    [80, 24],
    [120, 40],
    [40, 12],
    [10, 3],
  ])('never leaves a screen of %i columns and %i rows', (columns, rows) => {
    for (const screen of [RICH, POOR]) {
      const lines = plain({ ...screen, columns, rows });
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  it('fills the screen down to the newest event', () => {
    const lines = plain({ ...RICH, columns: 120, rows: 40 });
    expect(lines).toHaveLength(40);
    expect(lines.at(-1)).toBe('  49.0 s  event 49');
  });

  it('tells throughput, totals, nodes and zones', () => {
    const text = plain(RICH).join('\n');
    expect(text).toContain('redis 7.0.15 · 3 shards, 6 nodes, 3 zones');
    expect(text).toContain('41,203 ops/s');
    expect(text).toContain('312,004 operations · 0 errors · 44 redirects (1 moved, 43 asked)');
    expect(text).toMatch(/■ 127\.0\.0\.1:17200 {2}us-east-1a {2}primary {2}ready +12,345 +17% ██/);
    expect(text).toContain('us-east-1b 33%');
  });

  it('uses no escape sequences where there are no colours, and tells shards by their numbers', () => {
    const lines = view(state(), POOR);
    expect(lines).toEqual(lines.map(stripVTControlCharacters));
    expect(lines).toContain(` ${'0'.repeat(26)}${'1'.repeat(26)}${'2'.repeat(26)}`);
  });

  it('uses ASCII only where there is nothing else', () => {
    // eslint-disable-next-line no-control-regex -- ASCII begins with control characters
    expect(view(state(), { ...POOR, colours: true }).join('\n')).toMatch(/^[\u0000-\u007F]*$/);
  });

  it('shows moved slots where they are, and that nobody serves some', () => {
    const slotOwners = owners().fill(2, 0, 800).fill(0xffff, 16_000);
    const lines = plain(POOR, { slotOwners });
    expect(lines.find((line) => line.startsWith(' 2222'))).toBe(
      ` ${'2'.repeat(4)}${'0'.repeat(22)}${'1'.repeat(26)}${'2'.repeat(24)}??`,
    );
    expect(lines.join('\n')).toMatch(/shard 0: 4,661 slots.*shard 2: 5,878 slots/);
  });

  it('lets errors and broken links stand out', () => {
    const totals = { ...state().totals, errors: 7 };
    const nodes = state().nodes.map((node) => ({ ...node, link: 'waiting' }));
    const text = view(state({ totals, nodes }), RICH).join('\n');
    expect(text).toContain('\u001B[1;31m7 errors\u001B[0m');
    expect(text).toContain('\u001B[1;31mwaiting  \u001B[0m');
  });

  it('draws the newest throughput on the right, and the highest as a full bar', () => {
    const [line] = plain(RICH, { history: [1, 8, 4] }).filter((each) => each.includes('ops/s'));
    expect(line?.endsWith(' ▂█▅')).toBe(true);
  });
});
