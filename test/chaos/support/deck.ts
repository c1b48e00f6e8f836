import type { Random } from '../../../src/support/index.js';
import { shuffled } from './draw.js';

/** Deals cards in drawn order, every one of them before any comes again. */
export class Deck<T> {
  readonly #all: readonly T[];
  #left: T[] = [];

  constructor(all: readonly T[]) {
    if (all.length === 0) throw new Error('A deck needs cards');
    this.#all = all;
  }

  deal(random: Random): T {
    if (this.#left.length === 0) this.#left = shuffled(random, this.#all);
    return this.#left.pop() as T;
  }
}
