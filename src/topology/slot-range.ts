import { SLOT_COUNT } from './slot.js';

/** Slots `first` to `last`, both included; 0..16383. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
}

/** Every slot: what the one shard of a cluster-mode-disabled deployment serves. */
export const ALL_SLOTS: readonly SlotRange[] = Object.freeze([
  Object.freeze({ first: 0, last: SLOT_COUNT - 1 }),
]);

/** `'0-5460'`, or `'7'` for a single slot. */
export function formatSlotRange({ first, last }: SlotRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** Sorts ranges and joins those that touch, so that equal sets of slots have one form. They must not overlap. */
export function joinSlotRanges(ranges: readonly SlotRange[]): readonly SlotRange[] {
  const joined: SlotRange[] = [];
  for (const range of isAscending(ranges) ? ranges : ranges.toSorted((a, b) => a.first - b.first)) {
    const before = joined.at(-1);
    if (before !== undefined && before.last + 1 === range.first) {
      joined[joined.length - 1] = Object.freeze({ first: before.first, last: range.last });
    } else {
      joined.push(Object.freeze({ first: range.first, last: range.last }));
    }
  }
  return Object.freeze(joined);
}

/** Servers tell ranges in ascending order. */
function isAscending(ranges: readonly SlotRange[]): boolean {
  for (let i = 1; i < ranges.length; i++) if (ranges[i]!.first < ranges[i - 1]!.first) return false;
  return true;
}

/** The ranges, joined and ascending, without `slot`. */
export function withoutSlot(ranges: readonly SlotRange[], slot: number): readonly SlotRange[] {
  const at = ranges.findIndex(({ last }) => slot <= last);
  const range = ranges[at];
  if (range === undefined || slot < range.first) return ranges;
  const parts: SlotRange[] = [];
  if (range.first < slot) parts.push(Object.freeze({ first: range.first, last: slot - 1 }));
  if (slot < range.last) parts.push(Object.freeze({ first: slot + 1, last: range.last }));
  return spliced(ranges, at, 1, parts);
}

/** The ranges, joined and ascending, with `slot`, which none of them holds yet. */
export function withSlot(ranges: readonly SlotRange[], slot: number): readonly SlotRange[] {
  const found = ranges.findIndex(({ first }) => slot < first);
  const at = found === -1 ? ranges.length : found;
  const before = ranges[at - 1];
  const after = ranges[at];
  const touchesBefore = before !== undefined && before.last + 1 === slot;
  const touchesAfter = after !== undefined && slot + 1 === after.first;
  const joined = Object.freeze({
    first: touchesBefore ? before.first : slot,
    last: touchesAfter ? after.last : slot,
  });
  return spliced(ranges, at - Number(touchesBefore), Number(touchesBefore) + Number(touchesAfter), [joined]);
}

/** As `toSpliced`, which is many times slower on a frozen array. */
function spliced<T>(list: readonly T[], start: number, count: number, items: readonly T[]): readonly T[] {
  const copy = [...list];
  copy.splice(start, count, ...items);
  return copy;
}

/** Whether two joined lists hold the same slots. */
export function sameSlotRanges(a: readonly SlotRange[], b: readonly SlotRange[]): boolean {
  return (
    a.length === b.length && a.every((range, i) => range.first === b[i]!.first && range.last === b[i]!.last)
  );
}

/** Collects slots given in ascending order into ranges. */
export class SlotRangeCollector {
  readonly #ranges: SlotRange[] = [];
  #first = -1;
  #last = -1;

  add(slot: number): void {
    if (this.#first !== -1 && slot === this.#last + 1) {
      this.#last = slot;
      return;
    }
    this.#close();
    this.#first = slot;
    this.#last = slot;
  }

  /** The ranges so far. Ends the collecting. */
  finish(): readonly SlotRange[] {
    this.#close();
    return Object.freeze(this.#ranges);
  }

  #close(): void {
    if (this.#first !== -1) this.#ranges.push(Object.freeze({ first: this.#first, last: this.#last }));
  }
}
