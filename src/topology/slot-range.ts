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
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = joined.at(-1);
    if (before !== undefined && before.last + 1 === range.first) {
      joined[joined.length - 1] = Object.freeze({ first: before.first, last: range.last });
    } else {
      joined.push(Object.freeze({ first: range.first, last: range.last }));
    }
  }
  return Object.freeze(joined);
}

/** The ranges without `slot`. */
export function withoutSlot(ranges: readonly SlotRange[], slot: number): readonly SlotRange[] {
  const left = ranges.flatMap((range) => {
    if (slot < range.first || slot > range.last) return [range];
    const parts: SlotRange[] = [];
    if (range.first < slot) parts.push({ first: range.first, last: slot - 1 });
    if (slot < range.last) parts.push({ first: slot + 1, last: range.last });
    return parts;
  });
  return joinSlotRanges(left);
}

/** The ranges with `slot`, which none of them holds yet. */
export function withSlot(ranges: readonly SlotRange[], slot: number): readonly SlotRange[] {
  return joinSlotRanges([...ranges, { first: slot, last: slot }]);
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
