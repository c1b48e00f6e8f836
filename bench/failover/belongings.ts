/** What is to be ended when a case, or the whole run, ends. */
export class Belongings {
  readonly #ends: (() => Promise<void>)[] = [];
  #isOver = false;

  /** Takes what was made care of; ends it at once when the case is over already. */
  async add<T>(thing: T, end: (thing: T) => Promise<void>): Promise<T> {
    if (this.#isOver) await end(thing);
    else this.#ends.push(() => end(thing));
    return thing;
  }

  /** Last in, first out. Any number of calls. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (let end = this.#ends.pop(); end; end = this.#ends.pop()) await end();
  }
}
