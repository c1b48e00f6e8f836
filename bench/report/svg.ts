import { clients } from '../cluster/clients/registry.js';
import type { ClientName } from '../cluster/clients/registry.js';
import { count } from './figures.js';
import type { Report, WorkloadResult } from './report.js';
import { titleOf } from './rows.js';

/** What the chart shows of a full run; the tables show everything. */
const charted: readonly string[] = [
  'get-100-64',
  'get-100-1000',
  'set-100-64',
  'set-100-1000',
  'mget',
  'mset',
  'get-10k-64',
  'get-1m-8',
];

const WIDTH = 980;
const MARGIN = 20;
const COLUMNS = 2;
const PANEL_GAP = 30;
const TITLE_HEIGHT = 26;
const ROW_HEIGHT = 21;
const BAR_HEIGHT = 13;
const LABEL_WIDTH = 206;
const VALUE_WIDTH = 62;
const HEADER_HEIGHT = 62;

const PANEL_WIDTH = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * PANEL_GAP) / COLUMNS;
const BAR_WIDTH = PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH;

interface Palette {
  readonly ground: string;
  readonly text: string;
  readonly quiet: string;
  readonly own: string;
  readonly other: string;
  readonly limit: string;
}

const light: Palette = {
  ground: '#ffffff',
  text: '#1f2328',
  quiet: '#59636e',
  own: '#0b7a53',
  other: '#8a94a3',
  limit: '#d5dae1',
};
const dark: Palette = {
  ground: '#151b23',
  text: '#f0f6fc',
  quiet: '#9198a1',
  own: '#3fb68b',
  other: '#6b7687',
  limit: '#343c47',
};

function fills(palette: Palette): string {
  return [
    `text { fill: ${palette.text}; }`,
    ...(['ground', 'quiet', 'own', 'other', 'limit'] as const).map(
      (name) => `.${name} { fill: ${palette[name]}; }`,
    ),
  ].join(' ');
}

/** The drawing paints its own ground, so that it can be read wherever it is shown. */
const style = `
  text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; }
  .title { font-weight: 600; font-size: 13px; }
  .head { font-weight: 600; font-size: 16px; }
  .strong { font-weight: 600; }
  ${fills(light)}
  @media (prefers-color-scheme: dark) { ${fills(dark)} }`;

interface Bar {
  readonly client: ClientName;
  readonly operationsPerSecond: number;
}

/** Operations per second of every client, one panel per workload. */
export function drawChart(report: Report): string {
  const panels = charted.flatMap((name) => report.results.filter(({ workload }) => workload === name));
  const rows = Math.max(0, ...panels.map(({ clients: entries }) => entries.length));
  const panelHeight = TITLE_HEIGHT + rows * ROW_HEIGHT + PANEL_GAP;
  const height = HEADER_HEIGHT + Math.ceil(panels.length / COLUMNS) * panelHeight;
  const { machine } = report;
  const subtitle = `longer is better · 3 primaries of ${report.server} on loopback · Node ${machine.node} · ${machine.cores} cores shared by client and servers`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="chart-title">
<title id="chart-title">Operations per second of cluster clients for Node.js</title>
<style>${style}
</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>
${text(MARGIN, 28, 'Operations per second', 'head')}
${text(MARGIN, 46, subtitle, 'quiet')}
${panels
  .map((panel, index) => {
    const x = MARGIN + (index % COLUMNS) * (PANEL_WIDTH + PANEL_GAP);
    const y = HEADER_HEIGHT + Math.floor(index / COLUMNS) * panelHeight;
    return `<g transform="translate(${x} ${y})">\n${drawPanel(panel)}\n</g>`;
  })
  .join('\n')}
</svg>
`;
}

function drawPanel(panel: WorkloadResult): string {
  const bars = panel.clients.flatMap((entry): Bar[] =>
    'median' in entry
      ? [{ client: entry.client, operationsPerSecond: entry.median.operationsPerSecond }]
      : [],
  );
  const longest = Math.max(...bars.map(({ operationsPerSecond }) => operationsPerSecond));
  return [
    text(0, 14, titleOf(panel.workload), 'title'),
    ...bars.map((bar, row) => drawBar(bar, row, longest)),
  ].join('\n');
}

function drawBar({ client, operationsPerSecond }: Bar, row: number, longest: number): string {
  const y = TITLE_HEIGHT + row * ROW_HEIGHT;
  const width = Math.max(1, (operationsPerSecond / longest) * BAR_WIDTH);
  const baseline = y + BAR_HEIGHT - 2;
  const kind = client === 'slotwise' ? 'own' : client === 'bare' ? 'limit' : 'other';
  const emphasis = client === 'slotwise' ? 'strong' : client === 'bare' ? 'quiet' : '';
  return [
    text(0, baseline, clients[client].label, emphasis),
    `<rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
    text(Number((LABEL_WIDTH + width + 6).toFixed(1)), baseline, count(operationsPerSecond), emphasis),
  ].join('\n');
}

function text(x: number, y: number, content: string, kind: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text${kind === '' ? '' : ` class="${kind}"`} x="${x}" y="${y}">${escaped}</text>`;
}
