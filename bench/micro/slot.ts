import { slotOfKey } from '../../src/topology/index.js';

/** One figure of a micro benchmark. */
interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The most it may be. */
  readonly limit?: number;
}

const KEYS = 1_024;
const ROUNDS = 20;
const RUNS = 200;
const MAX_NS_PER_KEY = 40;

/** Time for one key, in nanoseconds: the best of several runs, as whatever else the machine does only adds to it. */
function nanosecondsPerKey(keys: ReadonlyArray<string | Uint8Array>): number {
  let sum = 0;
  const figures: number[] = [];
  for (let pass = 0; pass < RUNS; pass++) {
    const start = performance.now();
    for (let round = 0; round < ROUNDS; round++) {
      for (const key of keys) sum += slotOfKey(key);
    }
    figures.push(((performance.now() - start) * 1e6) / (ROUNDS * keys.length));
  }
  if (sum === 0) throw new Error('no slot was computed');
  return Math.min(...figures);
}

export function run(): readonly Row[] {
  const plain = Array.from({ length: KEYS }, (_, i) => `user:${String(i).padStart(11, '0')}`);
  const rows: Array<readonly [string, ReadonlyArray<string | Uint8Array>, number?]> = [
    ['slotOfKey, text of 16 characters', plain, MAX_NS_PER_KEY],
    ['slotOfKey, text of 16 characters with a hash tag of 6', plain.map((_, i) => `{${1e5 + i}}:profile`)],
    ['slotOfKey, text of 64 characters', plain.map((key) => key.repeat(4))],
    ['slotOfKey, text of 16 characters, one beyond ASCII', plain.map((key) => `${key.slice(0, 15)}é`)],
    ['slotOfKey, 16 bytes', plain.map((key) => Buffer.from(key))],
  ];
  return rows.map(([name, keys, limit]) => ({
    name,
    value: nanosecondsPerKey(keys),
    unit: 'ns',
    ...(limit === undefined ? {} : { limit }),
  }));
}
