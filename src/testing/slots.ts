import { InvalidArgumentError } from '../errors/index.js';

/** How many hash slots a cluster has. */
export const SLOT_COUNT = 16_384;

/** First and last slot of a run, both included. */
export type SlotSpan = readonly [first: number, last: number];

/**
 * The slot of a key, bit by bit as the cluster specification describes it. Deliberately not the client's own
 * implementation: a harness that shares code with what it tests cannot contradict it.
 */
export function slotOfKey(key: string): number {
  const open = key.indexOf('{');
  const close = open === -1 ? -1 : key.indexOf('}', open + 1);
  const hashed = close > open + 1 ? key.slice(open + 1, close) : key;
  let crc = 0;
  for (const byte of Buffer.from(hashed)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xffff;
  }
  return crc % SLOT_COUNT;
}

/** @throws {@link InvalidArgumentError} unless `slot` is a whole number in 0..16383 */
export function checkSlot(slot: number): number {
  if (!Number.isInteger(slot) || slot < 0 || slot >= SLOT_COUNT) {
    throw new InvalidArgumentError(`A slot is a whole number from 0 to ${SLOT_COUNT - 1}, not ${slot}`);
  }
  return slot;
}

/** Cuts 0..16383 into `parts` runs whose lengths differ by one at most. */
export function evenSpans(parts: number): SlotSpan[] {
  const start = (part: number): number => Math.floor((part * SLOT_COUNT) / parts);
  return Array.from({ length: parts }, (_, part) => [start(part), start(part + 1) - 1]);
}

/** All slots of some runs, in their order. */
export function slotsOf(spans: readonly SlotSpan[]): number[] {
  return spans.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

/** Runs as `CLUSTER NODES` and `nodes.conf` write them: `0-5460`, `7`. */
export function spanText([first, last]: SlotSpan): string {
  return first === last ? String(first) : `${first}-${last}`;
}
