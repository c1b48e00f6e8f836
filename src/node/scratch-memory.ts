/** Pieces kept for the next borrower, for all links of the process. */
const MAX_KEPT = 4;
/** Larger pieces are not kept. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
const MIN_BYTES = 64 * 1024;

const kept: Buffer[] = [];

/**
 * Memory of `bytes`, with whatever is in it, to be given back by {@link returnMemory}. New memory costs a page fault
 * for every 4 KiB that is written to it, which for a string of a megabyte is more than its decoding.
 */
export function borrowMemory(bytes: number): Buffer {
  const index = kept.findIndex((piece) => piece.length >= bytes);
  if (index === -1) return Buffer.allocUnsafeSlow(Math.max(bytes, MIN_BYTES)).subarray(0, bytes);
  const [piece] = kept.splice(index, 1);
  return piece!.subarray(0, bytes);
}

/** Gives back what was borrowed; the borrower must not touch it any more. */
export function returnMemory(memory: Buffer): void {
  const piece = Buffer.from(memory.buffer);
  if (kept.length < MAX_KEPT && piece.length <= MAX_KEPT_BYTES) kept.push(piece);
}
