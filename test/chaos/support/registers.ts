import type { WriteTally } from './invariants.js';

/** A key with one writer, which writes one value after another. */
export class Register implements WriteTally {
  readonly key: string;
  readonly kind: 'text' | 'hash';
  begun = 0;
  certain = 0;

  constructor(key: string, kind: 'text' | 'hash') {
    this.key = key;
    this.kind = kind;
  }

  /** The number of the value to be written now. */
  next(): number {
    return ++this.begun;
  }

  acknowledged(sequence: number, isLast: boolean): void {
    if (isLast) this.certain = Math.max(this.certain, sequence);
  }
}

/** Fields of a hash are always written together. */
export const FIELDS: readonly string[] = ['one', 'two', 'three', 'four'];

/** Registers of a kind, spread over the slots by their names. */
export function registers(name: string, count: number, kind: 'text' | 'hash' = 'text'): Register[] {
  return Array.from({ length: count }, (_, i) => new Register(`chaos:${name}:${i}`, kind));
}
