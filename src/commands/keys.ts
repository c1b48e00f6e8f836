import { isWord, textOf } from './argument-text.js';
import type { CommandSpec, KeySpec } from './spec.js';

/**
 * Where the keys are in the arguments, in the order in which the server finds them. Shard channels (`SPUBLISH`) count
 * as keys: they are routed by their slot.
 *
 * Positions beyond the arguments, and keys counted by what is no number, are left out: the server refuses such a
 * command in its own words.
 */
export function keyIndexes(spec: CommandSpec, args: readonly unknown[]): number[] {
  if (spec.name === 'migrate') return migrateKeys(args);
  const found: number[] = [];
  for (const keySpec of spec.keySpecs) addKeys(found, keySpec, args);
  if (spec.name === 'sort') addSortDestination(found, args);
  return found;
}

/** Where the first key is in the arguments; -1 when there is none. */
export function firstKeyIndex(spec: CommandSpec, args: readonly unknown[]): number {
  const at = spec.firstKeyAt;
  if (at !== -1) return at < args.length ? at : -1;
  return spec.keyless ? -1 : (keyIndexes(spec, args)[0] ?? -1);
}

function addKeys(found: number[], keySpec: KeySpec, args: readonly unknown[]): void {
  const begin =
    keySpec.keyword === undefined ? keySpec.from : behindKeyword(keySpec.keyword, keySpec.from, args);
  if (begin === -1 || begin >= args.length) return;
  let first = begin;
  let last: number;
  if (keySpec.counted) {
    const count = Number(textOf(args[begin + keySpec.countAt]));
    first = begin + keySpec.firstAt;
    last = first + (count - 1) * keySpec.step;
    if (!Number.isSafeInteger(count) || last >= args.length) return;
  } else if (keySpec.last >= 0) {
    last = begin + keySpec.last;
  } else if (keySpec.limit <= 1) {
    last = args.length + keySpec.last;
  } else {
    last = begin + Math.floor((args.length - begin) / keySpec.limit) + keySpec.last;
  }
  for (let i = first; i <= last && i < args.length; i += keySpec.step) found.push(i);
}

function behindKeyword(keyword: string, from: number, args: readonly unknown[]): number {
  for (let i = from; i < args.length; i++) if (isWord(args[i], keyword)) return i + 1;
  return -1;
}

/** `SORT key [BY pattern] [LIMIT offset count] [GET pattern ...] [STORE destination]`: the last `STORE` counts. */
function addSortDestination(found: number[], args: readonly unknown[]): void {
  for (let i = 1; i < args.length; i++) {
    if (isWord(args[i], 'LIMIT')) i += 2;
    else if (isWord(args[i], 'GET') || isWord(args[i], 'BY')) i += 1;
    else if (isWord(args[i], 'STORE') && i + 1 < args.length) found[1] = ++i;
  }
}

/** `MIGRATE host port key|"" db timeout [COPY] [REPLACE] [AUTH password] [AUTH2 user password] [KEYS key ...]` */
function migrateKeys(args: readonly unknown[]): number[] {
  if (args.length < 3) return [];
  if (textOf(args[2]) !== '') return [2];
  for (let i = 5; i < args.length; i++) {
    if (isWord(args[i], 'KEYS')) return args.slice(i + 1).map((_, offset) => i + 1 + offset);
    if (isWord(args[i], 'AUTH')) i += 1;
    else if (isWord(args[i], 'AUTH2')) i += 2;
  }
  return [];
}
