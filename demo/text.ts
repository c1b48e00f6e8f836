/** How a piece of text stands out. The shards' colours are `shard0`, `shard1`, ... in turn. */
export type Style = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'act' | `shard${number}`;

/** A piece of text in one style. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

/** What the terminal can show. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly colours: boolean;
  readonly unicode: boolean;
}

const CODES: Readonly<Record<string, string>> = { bold: '1', dim: '2', good: '32', bad: '1;31', act: '1;33' };
/** Cyan, magenta, yellow, blue, green: far apart on light and on dark ground. */
const SHARD_CODES = ['36', '35', '33', '34', '32'];

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style };
}

/** Text of exactly this width, cut or filled up. */
export function cell(text: string, width: number): string {
  return text.slice(0, width).padEnd(width);
}

/** `12,345` */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `33%` */
export function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}

/** `8.2 s` */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** A line as the terminal gets it, cut to its width. Every character used is one column wide. */
export function toText(line: Line, { columns, colours }: Screen): string {
  let room = columns;
  let text = '';
  for (const piece of line) {
    const visible = piece.text.slice(0, room);
    room -= visible.length;
    text += colours ? paint(visible, piece.style) : visible;
  }
  return colours ? text : text.trimEnd();
}

function paint(text: string, style: Style): string {
  const code = style.startsWith('shard')
    ? SHARD_CODES[Number(style.slice('shard'.length)) % SHARD_CODES.length]
    : CODES[style];
  return code === undefined || text === '' ? text : `\u001B[${code}m${text}\u001B[0m`;
}
