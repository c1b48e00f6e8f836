import { bar, slotMap, slotsPerShard, sparkline } from './charts.js';
import type { DemoState, NodeState } from './state.js';
import { cell, count, type Line, percent, type Screen, seconds, span, type Style, toText } from './text.js';

/** From this height on each zone has a line with a bar. */
const TALL_ROWS = 30;
/** Room for the number and the unit before the sparkline. */
const THROUGHPUT_WIDTH = 18;
const MAX_BAR_WIDTH = 40;

/** The whole picture: at most as many lines as the screen has rows, none wider than its columns. Pure. */
export function view(state: DemoState, screen: Screen): string[] {
  const above = [
    title(state, screen),
    [span(` ${screen.unicode ? '▶' : '>'} ${state.act}`, 'act')],
    [],
    throughput(state, screen),
    totals(state, screen),
    [],
    ...nodes(state, screen),
    [],
    ...zones(state, screen),
    [],
    ...slots(state, screen),
    [],
  ];
  const room = Math.max(0, screen.rows - above.length);
  const lines = [...above, ...lastEvents(state, room)];
  return lines.slice(0, screen.rows).map((line) => toText(line, screen));
}

function title(
  { server, nodes: all, zones: places, slotOwners, elapsedMs }: DemoState,
  screen: Screen,
): Line {
  const dot = separator(screen);
  const shards = slotsPerShard(slotOwners).length;
  const what = `${dot}${server}${dot}${shards} shards, ${all.length} nodes, ${places.length} zones`;
  const clock = seconds(elapsedMs);
  const gap = Math.max(1, screen.columns - ' Slotwise'.length - what.length - clock.length - 1);
  return [span(' Slotwise', 'bold'), span(`${what}${' '.repeat(gap)}`), span(clock, 'bold')];
}

function throughput({ throughput: now, history }: DemoState, screen: Screen): Line {
  const width = screen.columns - THROUGHPUT_WIDTH - 1;
  return [
    span(cell(` ${count(now)} ops/s`, THROUGHPUT_WIDTH), 'bold'),
    span(sparkline(history, width, screen.unicode), 'good'),
  ];
}

function totals({ totals: all }: DemoState, screen: Screen): Line {
  const dot = separator(screen);
  const { operations, errors, moved, asked, retries } = all;
  return [
    span(` ${count(operations)} operations${dot}`),
    span(`${count(errors)} errors`, errors === 0 ? 'good' : 'bad'),
    span(
      `${dot}${count(moved + asked)} redirects (${moved} moved, ${asked} asked)${dot}${count(retries)} retries`,
    ),
  ];
}

/** Columns before the bar: mark, address, zone, role, link, rate, share and a blank. */
const NODE_WIDTH = 3 + 17 + 12 + 9 + 9 + 10 + 6 + 1;

function nodes({ nodes: all }: DemoState, screen: Screen): Line[] {
  const heading = `   ${cell('node', 17)}${cell('zone', 12)}${cell('role', 9)}${cell('link', 9)}${'commands/s'.padStart(10)}${'share'.padStart(6)}`;
  return [[span(heading, 'dim')], ...all.map((node) => nodeLine(node, screen))];
}

function nodeLine(node: NodeState, screen: Screen): Line {
  const style: Style = `shard${node.shard}`;
  const room = Math.min(MAX_BAR_WIDTH, screen.columns - NODE_WIDTH - 1);
  return [
    span(` ${shardMark(node.shard, screen)} `, style),
    span(`${cell(node.address, 17)}${cell(node.zone, 12)}`),
    span(cell(node.role, 9), node.role === 'primary' ? 'bold' : 'plain'),
    span(cell(node.link, 9), node.link === 'ready' ? 'good' : node.link === 'idle' ? 'dim' : 'bad'),
    span(`${count(node.commandsPerSecond).padStart(10)}${percent(node.share).padStart(6)} `),
    span(bar(node.share, Math.max(0, room), screen.unicode), style),
  ];
}

function zones({ zones: all }: DemoState, screen: Screen): Line[] {
  const label = (zone: string, share: number): string => `${cell(zone, 12)}${percent(share).padStart(4)} `;
  if (screen.rows < TALL_ROWS) {
    const texts = all.map(({ zone, share }) => `${zone} ${percent(share)}`);
    return [[span(' zones  ', 'dim'), span(texts.join('   '))]];
  }
  const room = Math.min(MAX_BAR_WIDTH, screen.columns - 21);
  return [
    [span('   commands per zone', 'dim')],
    ...all.map(({ zone, share }): Line => [
      span(`   ${label(zone, share)}`),
      span(bar(share, Math.max(0, room), screen.unicode), 'good'),
    ]),
  ];
}

function slots({ slotOwners }: DemoState, screen: Screen): Line[] {
  const owned = slotsPerShard(slotOwners);
  const legend = owned.flatMap((slotCount, shard): Line => [
    span(` ${shardMark(shard, screen)} `, `shard${shard}`),
    span(`shard ${shard}: ${count(slotCount)} slots  `),
  ]);
  return [[span(' '), ...slotMap(slotOwners, Math.max(1, screen.columns - 2), screen)], legend];
}

function lastEvents({ events }: DemoState, room: number): Line[] {
  const shown = room === 0 ? [] : events.slice(-room);
  return shown.map(({ atMs, text }) => [span(`${seconds(atMs).padStart(8)}  `, 'dim'), span(text)]);
}

/** A shard's mark: its colour, or its number where there are no colours. */
function shardMark(shard: number, { colours, unicode }: Screen): string {
  if (!colours) return String(shard % 10);
  return unicode ? '■' : '#';
}

function separator({ unicode }: Screen): string {
  return unicode ? ' · ' : ' | ';
}
