/** A source of numbers in `[0, 1)`. Everything that draws lots receives one, so tests can seed it. */
export type Random = () => number;

/** The runtime's own source. */
export const systemRandom: Random = Math.random;

/** A repeatable source (mulberry32): the same seed gives the same numbers. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
