import { type FaultedClientName, faultedClientNames, faultedClients } from '../clients/registry.js';
import { type FaultName, faults } from '../faults.js';
import type { CaseResult, Coverage } from '../play-case.js';
import { TIMELINE_STEP_MS } from '../statistics.js';
import { type FailoverReport, resultsOf } from './report.js';
import { isOwnRecovery } from './rows.js';
import { countText, durationText } from './spread.js';

/** What the chart shows of a full run; the tables show everything. */
const charted: readonly FaultName[] = ['hang', 'kill'];
const COVERAGE: Coverage = 'no';

const WIDTH = 980;
const MARGIN = 20;
const HEADER_HEIGHT = 84;
const PANEL_TITLE_HEIGHT = 40;
const PANEL_GAP = 26;
const AXIS_HEIGHT = 20;
const LANE_GAP = 10;
const LABEL_WIDTH = 96;
const NOTE_WIDTH = 224;
const PLOT_LEFT = MARGIN + LABEL_WIDTH;
const PLOT_WIDTH = WIDTH - MARGIN - PLOT_LEFT - NOTE_WIDTH;

/** Answers grow upwards from a lane's base line, errors downwards. */
const UP_HEIGHT = 34;
const DOWN_HEIGHT = 14;
const LANE_HEIGHT = UP_HEIGHT + DOWN_HEIGHT + LANE_GAP;

const SECONDS_BEFORE = 2;

/** A lane's height is so many times what is usual: what has waited comes back all at once, and is cut off there. */
const HEADROOM = 1.6;

interface Palette {
  readonly ground: string;
  readonly text: string;
  readonly quiet: string;
  readonly reads: string;
  readonly writes: string;
  readonly errors: string;
  readonly lane: string;
  readonly mark: string;
}

const light: Palette = {
  ground: '#ffffff',
  text: '#1f2328',
  quiet: '#59636e',
  reads: '#0b7a53',
  writes: '#4a8fd6',
  errors: '#cf222e',
  lane: '#f3f5f8',
  mark: '#59636e',
};
const dark: Palette = {
  ground: '#151b23',
  text: '#f0f6fc',
  quiet: '#9198a1',
  reads: '#3fb68b',
  writes: '#6cb0f5',
  errors: '#ff7b72',
  lane: '#1f2732',
  mark: '#9198a1',
};

function colours(palette: Palette): string {
  return [
    `text { fill: ${palette.text}; }`,
    ...(['ground', 'quiet', 'reads', 'writes', 'errors', 'lane'] as const).map(
      (name) => `.${name} { fill: ${palette[name]}; }`,
    ),
    `.mark { stroke: ${palette.mark}; }`,
  ].join(' ');
}

/** The drawing paints its own ground, so that it can be read wherever it is shown. */
const style = `
  text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; }
  .head { font-weight: 600; font-size: 16px; }
  .title { font-weight: 600; font-size: 13px; }
  .strong { font-weight: 600; }
  .small { font-size: 11px; }
  .mark { stroke-width: 1; fill: none; }
  .promoted { stroke-dasharray: 4 3; }
  .returned { stroke-dasharray: 1 3; }
  ${colours(light)}
  @media (prefers-color-scheme: dark) { ${colours(dark)} }`;

interface Lane {
  readonly client: FaultedClientName;
  readonly result: CaseResult;
}

interface Panel {
  readonly fault: FaultName;
  readonly lanes: readonly Lane[];
}

/** What the struck shard of each client answered, around the moment of the fault. */
export function drawTimelines(report: FailoverReport): string {
  const panels = charted.flatMap((fault): Panel[] => {
    const lanes = faultedClientNames.flatMap((client): Lane[] => {
      const result = middleOf(resultsOf(report, { fault, coverage: COVERAGE, client }));
      return result === undefined ? [] : [{ client, result }];
    });
    return lanes.length === 0 ? [] : [{ fault, lanes }];
  });
  // The same scale everywhere, so that panels can be compared.
  const toMs = Math.ceil(Math.max(0, ...panels.flatMap(({ lanes }) => lanes.map(endOf))) / 1000) * 1000;
  let y = HEADER_HEIGHT;
  const drawn = panels.map((panel) => {
    const group = `<g transform="translate(0 ${y})">\n${drawPanel(panel, toMs)}\n</g>`;
    y += panelHeight(panel) + PANEL_GAP;
    return group;
  });
  const height = y;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="timeline-title">
<title id="timeline-title">What a shard answered while its primary failed, by client</title>
<style>${style}
</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>
${text(MARGIN, 28, 'A primary fails: what its shard answered, by client', 'head')}
${text(MARGIN, 46, `steady load of 100 reads and 120 writes a second on the shard, reads from replicas · steps of ${TIMELINE_STEP_MS} ms · the run in the middle of each client's runs`, 'quiet')}
${legend(MARGIN, 66)}
${drawn.join('\n')}
</svg>
`;
}

/** Of the runs in order of their promotion, the middle one. */
function middleOf(results: readonly CaseResult[]): CaseResult | undefined {
  const sorted = results.toSorted((a, b) => (a.promotedAfterMs ?? 0) - (b.promotedAfterMs ?? 0));
  return sorted[(sorted.length - 1) >> 1];
}

function legend(x: number, y: number): string {
  const entries: readonly (readonly [string, string])[] = [
    ['reads', 'reads answered'],
    ['writes', 'writes answered'],
    ['errors', 'calls failed'],
  ];
  const squares = entries.map(
    ([kind, words], index) =>
      `<rect class="${kind}" x="${x + index * 130}" y="${y - 9}" width="10" height="10" rx="2"/>${text(x + index * 130 + 16, y, words)}`,
  );
  const lines = [
    ['promoted', 'replica promoted'],
    ['returned', 'old primary comes back'],
  ].map(([kind, words], index) => {
    const left = x + entries.length * 130 + index * 160;
    return `<path class="mark ${kind!}" d="M${left + 5} ${y - 11}v14"/>${text(left + 16, y, words!)}`;
  });
  return [...squares, ...lines].join('\n');
}

function panelHeight({ lanes }: Panel): number {
  return PANEL_TITLE_HEIGHT + lanes.length * LANE_HEIGHT + AXIS_HEIGHT;
}

function drawPanel({ fault, lanes }: Panel, toMs: number): string {
  const fromMs = -SECONDS_BEFORE * 1000;
  const xOf = (ms: number): number => PLOT_LEFT + ((ms - fromMs) / (toMs - fromMs)) * PLOT_WIDTH;
  const lanesTop = PANEL_TITLE_HEIGHT;
  const lanesHeight = lanes.length * LANE_HEIGHT - LANE_GAP;
  const axisY = lanesTop + lanesHeight + 16;
  const seconds = Array.from({ length: (toMs - fromMs) / 1000 + 1 }, (_, index) => index - SECONDS_BEFORE);
  return [
    text(MARGIN, 14, faults[fault].title, 'title'),
    text(MARGIN, 30, faults[fault].story.replaceAll('`', ''), 'quiet small'),
    ...lanes.map((lane, index) => drawLane(lane, lanesTop + index * LANE_HEIGHT, xOf)),
    `<path class="mark" d="M${xOf(0).toFixed(1)} ${lanesTop - 4}v${lanesHeight + 8}"/>`,
    ...seconds.map((second) =>
      text(
        Number(xOf(second * 1000).toFixed(1)),
        axisY,
        second === 0 ? 'fault' : `${second} s`.replace('-', '−'),
        'quiet small',
        'middle',
      ),
    ),
  ].join('\n');
}

function endOf({ result: { timeline } }: Lane): number {
  return timeline.fromMs + timeline.reads.length * TIMELINE_STEP_MS;
}

function drawLane({ client, result }: Lane, y: number, xOf: (ms: number) => number): string {
  const { timeline, promotedAfterMs, mendedAfterMs } = result;
  const base = y + UP_HEIGHT;
  const usual = usualPerStep(result);
  const up = (count: number): number => (Math.min(count / usual, HEADROOM) / HEADROOM) * UP_HEIGHT;
  const down = (count: number): number => (Math.min(count / usual, HEADROOM) / HEADROOM) * DOWN_HEIGHT;
  const total = timeline.reads.map((reads, step) => reads + timeline.writes[step]!);
  const area = (values: readonly number[], heightOf: (count: number) => number, kind: string): string =>
    areaPath(values, timeline.fromMs, xOf, base, heightOf, kind);
  const mark = (ms: number | null, kind: string): string[] =>
    ms === null
      ? []
      : [`<path class="mark ${kind}" d="M${xOf(ms).toFixed(1)} ${y}v${UP_HEIGHT + DOWN_HEIGHT}"/>`];
  const notes = notesOf(result);
  return [
    `<rect class="lane" x="${PLOT_LEFT}" y="${y}" width="${PLOT_WIDTH}" height="${UP_HEIGHT + DOWN_HEIGHT}" rx="3"/>`,
    area(total, up, 'writes'),
    area(timeline.reads, up, 'reads'),
    area(timeline.errors, (count) => -down(count), 'errors'),
    ...mark(promotedAfterMs, 'promoted'),
    ...mark(mendedAfterMs, 'returned'),
    text(MARGIN, base, faultedClients[client].label, client === 'slotwise' ? 'strong' : ''),
    ...notes.map((note, index) =>
      text(
        PLOT_LEFT + PLOT_WIDTH + 12,
        y + 14 + index * 15,
        note,
        client === 'slotwise' ? 'strong small' : 'small',
      ),
    ),
  ].join('\n');
}

/** Answers per step before the fault. */
function usualPerStep({ timeline }: CaseResult): number {
  const steps = Math.max(1, Math.floor(-timeline.fromMs / TIMELINE_STEP_MS));
  const answers = [...timeline.reads.slice(0, steps), ...timeline.writes.slice(0, steps)];
  return Math.max(1, answers.reduce((sum, count) => sum + count, 0) / steps);
}

function areaPath(
  values: readonly number[],
  fromMs: number,
  xOf: (ms: number) => number,
  base: number,
  heightOf: (count: number) => number,
  kind: string,
): string {
  const first = Math.max(0, Math.ceil((-SECONDS_BEFORE * 1000 - fromMs) / TIMELINE_STEP_MS));
  let path = '';
  let isOpen = false;
  let level = base;
  for (let step = first; step < values.length; step++) {
    const x = xOf(fromMs + step * TIMELINE_STEP_MS);
    const next = base - heightOf(values[step]!);
    if (!isOpen && next !== base) {
      path += `M${x.toFixed(1)} ${base}`;
      isOpen = true;
      level = base;
    }
    if (isOpen && next !== level) {
      path += `H${x.toFixed(1)}V${next.toFixed(1)}`;
      level = next;
    }
    if (isOpen && next === base) {
      path += 'Z';
      isOpen = false;
    }
  }
  if (isOpen) path += `H${xOf(fromMs + values.length * TIMELINE_STEP_MS).toFixed(1)}V${base}Z`;
  return path === '' ? '' : `<path class="${kind}" d="${path}"/>`;
}

function notesOf(result: CaseResult): string[] {
  const { struck, firstWriteAfterPromotionMs } = result;
  const kinds = Object.values(struck);
  const errors = kinds.reduce((sum, kind) => sum + kind.errors, 0);
  const unsettled = kinds.reduce((sum, kind) => sum + kind.unsettled, 0);
  const recovery = isOwnRecovery(result)
    ? `SETs again ${durationText(firstWriteAfterPromotionMs!)} after promotion`
    : 'SETs again only with its return';
  return [
    recovery,
    `slowest read ${durationText(struck.read.worstCallMs)}`,
    `${countText(errors)} failed${unsettled > 0 ? `, ${countText(unsettled)} never settled` : ''}`,
  ];
}

function text(x: number, y: number, content: string, kind = '', anchor = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text${kind === '' ? '' : ` class="${kind}"`}${anchor === '' ? '' : ` text-anchor="${anchor}"`} x="${x}" y="${y}">${escaped}</text>`;
}
