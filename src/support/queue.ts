/** Slots of a queue that has never been longer. A power of two, so that a place is found with a mask. */
const INITIAL_CAPACITY = 16;
/** A ring above this size is given back when it has run empty. */
const KEPT_CAPACITY = 4096;

/** A first-in, first-out queue on a ring: constant time at both ends, no garbage while its length stays in bounds. */
export class Queue<T> {
  /** The most it may hold. */
  readonly bound: number;
  #ring: Array<T | undefined> = Array.from({ length: INITIAL_CAPACITY });
  #head = 0;
  #size = 0;

  /** @param bound - the most it may hold @defaultValue unbounded: for what is bounded elsewhere */
  constructor(bound: number = Number.POSITIVE_INFINITY) {
    this.bound = bound;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds at the end. Returns false, and adds nothing, when the bound is reached. */
  push(item: T): boolean {
    if (this.#size >= this.bound) return false;
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = item;
    this.#size++;
    return true;
  }

  /** Takes the oldest out. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const ring = this.#ring;
    const item = ring[this.#head];
    ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (ring.length - 1);
    if (--this.#size === 0 && ring.length > KEPT_CAPACITY) {
      this.#ring = Array.from({ length: INITIAL_CAPACITY });
      this.#head = 0;
    }
    return item;
  }

  /** The `index`-th oldest, which stays. */
  at(index: number): T | undefined {
    return index < this.#size ? this.#ring[(this.#head + index) & (this.#ring.length - 1)] : undefined;
  }

  /** Takes the newest `count` out, oldest of them first. */
  takeNewest(count: number): T[] {
    const taken: T[] = [];
    for (let i = this.#size - count; i < this.#size; i++) {
      const place = (this.#head + i) & (this.#ring.length - 1);
      taken.push(this.#ring[place]!);
      this.#ring[place] = undefined;
    }
    this.#size -= count;
    return taken;
  }

  /** Takes everything out, oldest first. */
  drain(): T[] {
    const items: T[] = [];
    for (let item = this.shift(); item !== undefined; item = this.shift()) items.push(item);
    return items;
  }

  #grow(): void {
    const grown = new Array<T | undefined>(this.#ring.length * 2);
    for (let i = 0; i < this.#size; i++) grown[i] = this.at(i);
    this.#ring = grown;
    this.#head = 0;
  }
}
