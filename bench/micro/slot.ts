import { slotOfKey } from '../../src/topology/index.js';
import { bestNanoseconds, type Row } from '../timing.js';

const KEYS = 1_024;
const ROUNDS = 20;
const MAX_NS_PER_KEY = 60;

function nanosecondsPerKey(keys: ReadonlyArray<string | Uint8Array>): number {
  const work = (): number => {
    let sum = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const key of keys) sum += slotOfKey(key);
    }
    return sum;
  };
  if (work() === 0) throw new Error('no slot was computed');
  return bestNanoseconds(work, ROUNDS * keys.length);
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
