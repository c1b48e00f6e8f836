/** Stands in a table of owners for a slot that no shard serves. */
export const NOBODY = 0xffff;
/** Stands in a table of owners for a slot whose shard has no known primary. */
export const LEADERLESS = 0xfffe;

/** Gives each address a small number, so that opinions about 16384 slots can be compared as arrays of numbers. */
export class Roll {
  readonly #numbers = new Map<string, number>();
  readonly #addresses: string[] = [];

  /** The number of an address, given out if it has none. */
  enter(address: string): number {
    let number = this.#numbers.get(address);
    if (number === undefined) {
      number = this.#addresses.length;
      this.#numbers.set(address, number);
      this.#addresses.push(address);
    }
    return number;
  }

  find(address: string): number | undefined {
    return this.#numbers.get(address);
  }

  /** `undefined` for {@link NOBODY} and {@link LEADERLESS}. */
  addressOf(number: number): string | undefined {
    return this.#addresses[number];
  }
}
