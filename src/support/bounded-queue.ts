/** A first-in, first-out queue with a bound. Constant time at both ends; grows only as far as it is filled. */
export class BoundedQueue<T> {
  readonly bound: number;
  #items: Array<T | undefined> = [];
  #head = 0;

  constructor(bound: number) {
    this.bound = bound;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** Adds at the end. Returns false, and adds nothing, when the bound is reached. */
  push(item: T): boolean {
    if (this.size >= this.bound) return false;
    this.#items.push(item);
    return true;
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    // Dropping the used front in large steps keeps a shift cheap and the memory proportional to the content.
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Takes everything out. */
  drain(): T[] {
    const items = this.#items.slice(this.#head) as T[];
    this.#items = [];
    this.#head = 0;
    return items;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i] as T;
  }
}
