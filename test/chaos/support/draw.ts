import type { Random } from '../../../src/support/index.js';

/** A whole number from `least` to `most`, both included. */
export function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** One of some. */
export function oneOf<T>(random: Random, items: readonly T[]): T {
  if (items.length === 0) throw new Error('There is nothing to choose from');
  return items[between(random, 0, items.length - 1)] as T;
}

/** The same items in another order. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = between(random, 0, i);
    [mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T];
  }
  return mixed;
}
