import { type Line, span, type Span, type Style } from './text.js';

const SPARKS = { unicode: '▁▂▃▄▅▆▇█', ascii: '.:-=+*#@' };
const SLOT_COUNT = 16_384;

/** The last values as a line of bars, the highest of them full height; newest on the right. */
export function sparkline(values: readonly number[], width: number, unicode: boolean): string {
  const marks = unicode ? SPARKS.unicode : SPARKS.ascii;
  const shown = values.slice(-Math.max(1, width));
  const highest = Math.max(1, ...shown);
  return shown.map((value) => marks[Math.round((value / highest) * (marks.length - 1))]).join('');
}

/** A bar for a part of the whole: `share` 0 to 1. */
export function bar(share: number, width: number, unicode: boolean): string {
  const length = Math.min(width, Math.round(share * width));
  return (unicode ? '█' : '#').repeat(length);
}

/**
 * All slots on one line. A column stands for a run of slots and shows the shard that serves most of them: by colour,
 * or by its number where there are no colours.
 */
export function slotMap(owners: ArrayLike<number>, width: number, marks: SlotMarks): Line {
  const spans: Span[] = [];
  let text = '';
  let style: Style = 'dim';
  for (let column = 0; column < width; column++) {
    const first = Math.floor((column * SLOT_COUNT) / width);
    const next = Math.floor(((column + 1) * SLOT_COUNT) / width);
    const shard = mostFrequent(owners, first, next);
    const served = shard < NO_SHARD;
    const ownStyle: Style = served ? `shard${shard}` : 'dim';
    if (ownStyle !== style) {
      spans.push(span(text, style));
      text = '';
      style = ownStyle;
    }
    text += !served ? '?' : marks.colours ? (marks.unicode ? '█' : '#') : String(shard % 10);
  }
  return [...spans, span(text, style)].filter((each) => each.text !== '');
}

/** What the map can be drawn with. */
export interface SlotMarks {
  readonly colours: boolean;
  readonly unicode: boolean;
}

/** How the client writes that no shard serves a slot. */
const NO_SHARD = 0xffff;

/** How many slots each shard serves, by its index. */
export function slotsPerShard(owners: ArrayLike<number>): number[] {
  const counts: number[] = [];
  for (let slot = 0; slot < owners.length; slot++) {
    const shard = owners[slot] as number;
    if (shard < NO_SHARD) counts[shard] = (counts[shard] ?? 0) + 1;
  }
  return Array.from(counts, (value) => value ?? 0);
}

function mostFrequent(owners: ArrayLike<number>, first: number, next: number): number {
  const counts = new Map<number, number>();
  let winner = NO_SHARD;
  for (let slot = first; slot < next; slot++) {
    const shard = owners[slot] as number;
    counts.set(shard, (counts.get(shard) ?? 0) + 1);
    if ((counts.get(shard) as number) > (counts.get(winner) ?? 0)) winner = shard;
  }
  return winner;
}
