import { InvalidArgumentError } from '../errors/index.js';
import type { CommandArgument } from './encode.js';
import { keyIndexes } from './keys.js';
import type { CommandSpec } from './spec.js';

const EXPECTED = 'expected string, number, bigint, Buffer or Uint8Array';

/**
 * The arguments as they go to the encoder. The array given comes back untouched when it can; arrays in it are flattened
 * one level, and the object or Map of `mset`, `msetnx`, `hset` and `hmset` becomes pairs, as ioredis does.
 *
 * What cannot be meant is refused, where ioredis would store its text: `undefined`, `null`, `NaN`, booleans, dates,
 * symbols, functions, other objects. `Infinity` is a number that Redis reads.
 *
 * @throws {@link InvalidArgumentError} for such an argument, for fewer arguments than the command needs, and for a
 * field without its value. The message names the place, never a key or a value.
 */
export function normalizeArguments(spec: CommandSpec, args: readonly unknown[]): readonly CommandArgument[] {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (isArgument(arg)) continue;
    if (typeof arg !== 'object' || arg === null) throw invalidArgument(spec, args, i);
    return flatten(spec, args);
  }
  if (args.length < spec.minArguments || spec.pairsFrom !== -1) checkCount(spec, args.length);
  return args as readonly CommandArgument[];
}

/** Why the argument at `index` cannot be sent; positions in the message begin at 1. */
export function invalidArgument(
  spec: CommandSpec,
  args: readonly unknown[],
  index: number,
): InvalidArgumentError {
  const role = keyIndexes(spec, args).includes(index) ? ' (key)' : '';
  return new InvalidArgumentError(
    `${labelOf(spec)}: argument ${index + 1}${role} is ${kindOf(args[index])}; ${EXPECTED}`,
  );
}

function isArgument(arg: unknown): arg is CommandArgument {
  if (typeof arg === 'string' || arg instanceof Uint8Array) return true;
  // Only NaN differs from itself.
  return (typeof arg === 'number' && arg === arg) || typeof arg === 'bigint';
}

function flatten(spec: CommandSpec, args: readonly unknown[]): readonly CommandArgument[] {
  const flat: unknown[] = [];
  // By hand: `flat()` takes several times as long, which an MGET of many keys would feel.
  for (const arg of args) {
    if (Array.isArray(arg)) for (const element of arg) flat.push(element);
    else flat.push(arg);
  }
  const pairs = spec.pairsFrom !== -1 && flat.length === spec.pairsFrom + 1 ? flat.at(-1) : undefined;
  if (isPairs(pairs)) {
    flat.pop();
    const entries = pairs instanceof Map ? [...pairs] : Object.entries(pairs);
    for (const [at, [name, value]] of entries.entries()) {
      if (!isArgument(name)) throw invalidEntry(spec, `name ${at + 1}`, name);
      if (!isArgument(value)) throw invalidEntry(spec, `value ${at + 1}`, value);
      flat.push(name, value);
    }
  }
  for (let i = 0; i < flat.length; i++) {
    if (isArgument(flat[i])) continue;
    const error = invalidArgument(spec, flat, i);
    throw args.some(Array.isArray)
      ? new InvalidArgumentError(`${error.message} (elements of arrays count as arguments)`)
      : error;
  }
  checkCount(spec, flat.length);
  return flat as CommandArgument[];
}

function isPairs(value: unknown): value is object {
  return value instanceof Map || Object.prototype.toString.call(value) === '[object Object]';
}

function invalidEntry(spec: CommandSpec, place: string, value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(`${labelOf(spec)}: ${place} of the pairs is ${kindOf(value)}; ${EXPECTED}`);
}

function checkCount(spec: CommandSpec, count: number): void {
  // Nobody counts the subcommand's name as an argument of the subcommand.
  const named = spec.name === spec.word ? 0 : 1;
  if (count < spec.minArguments) {
    const least = spec.minArguments - named;
    const noun = least === 1 ? 'argument' : 'arguments';
    throw new InvalidArgumentError(
      `${labelOf(spec)}: expected at least ${least} ${noun}, got ${Math.max(0, count - named)}`,
    );
  }
  if (spec.pairsFrom !== -1 && (count - spec.pairsFrom) % 2 !== 0) {
    const pairs = spec.pairsFrom === 0 ? 'pairs of key and value' : 'a key and pairs of field and value';
    throw new InvalidArgumentError(`${labelOf(spec)}: expected ${pairs}, got ${count} arguments`);
  }
}

function labelOf(spec: CommandSpec): string {
  return spec.name.replace('|', ' ');
}

/** What the value is, without telling what it holds. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null || Number.isNaN(value)) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  const name = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}
