import { TopologyReplyError } from '../errors/index.js';
import { SLOT_COUNT } from './slot.js';
import type { SlotRange } from './slot-range.js';

const MAX_SHOWN_CHARS = 40;
const INTEGER = /^-?\d{1,16}$/;

/**
 * Reads one reply, naming the place of whatever is wrong in it. A place is a path and what comes behind it: they are put
 * together only when something is wrong, because a reply of a large cluster has tens of thousands of places. Texts may come as string or bytes, integers as number
 * or digits, maps as flat arrays, arrays of pairs, `Map`s or objects: whatever a RESP2 or RESP3 parser makes of them.
 */
export class ReplyReader {
  readonly #source: string;
  readonly #host: string;

  /** `source`: the command; `host`: who was asked. */
  constructor(source: string, host: string) {
    this.#source = source;
    this.#host = host;
  }

  /** @throws {@link TopologyReplyError} always */
  refuse(path: string, expected: string, found: unknown): never {
    const place = path === '' ? 'the reply' : path;
    throw new TopologyReplyError(
      `${this.#source} as answered by ${this.#host || 'the node'} makes no sense: ` +
        `${place} must be ${expected}, got ${describe(found)}`,
    );
  }

  array(value: unknown, path: string, expected: string): readonly unknown[] {
    return Array.isArray(value) ? value : this.refuse(path, expected, value);
  }

  text(value: unknown, path: string, place: number | string = ''): string {
    return textOf(value) ?? this.refuse(pathTo(path, place), 'a text', value);
  }

  /** `undefined` for null: the servers' way to say that they do not know. */
  textOrNull(value: unknown, path: string, place: number | string = ''): string | undefined {
    return value === null || value === undefined ? undefined : this.text(value, path, place);
  }

  integer(value: unknown, path: string, place: number | string, min: number, max: number): number {
    const number = integerOf(value);
    if (number === undefined || number < min || number > max) {
      return this.refuse(pathTo(path, place), `an integer in ${min}..${max}`, value);
    }
    return number;
  }

  /** The range whose bounds stand at `place` and behind it. */
  slotRange(first: unknown, last: unknown, path: string, place: number): SlotRange {
    const from = this.integer(first, path, place, 0, SLOT_COUNT - 1);
    return { first: from, last: this.integer(last, path, place + 1, from, SLOT_COUNT - 1) };
  }

  /** Calls `visit` for every entry of a map in one of the forms in which it can come. */
  map(value: unknown, path: string, visit: (key: string, value: unknown) => void): void {
    if (Array.isArray(value)) {
      if (Array.isArray(value[0]) && value.every((entry) => Array.isArray(entry) && entry.length === 2)) {
        for (const [key, item] of value as Array<[unknown, unknown]>) visit(this.text(key, path), item);
        return;
      }
      if (value.length % 2 !== 0) this.refuse(path, 'a map, so an even number of elements', value);
      for (let i = 0; i < value.length; i += 2) visit(this.text(value[i], path, i), value[i + 1]);
    } else if (value instanceof Map) {
      for (const [key, item] of value) visit(this.text(key, path), item);
    } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
      for (const [key, item] of Object.entries(value)) visit(key, item);
    } else {
      this.refuse(path, 'a map', value);
    }
  }
}

/** A number is an index, a text the name of an attribute. */
function pathTo(path: string, place: number | string): string {
  if (typeof place === 'number') return `${path}[${place}]`;
  return place === '' || path === '' ? `${path}${place}` : `${path}.${place}`;
}

/** The text of a string or of bytes; `undefined` for anything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString();
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  return undefined;
}

/** The integer that a number, a bigint or a text of digits stands for; `undefined` for anything else. */
export function integerOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value === 'bigint') return integerOf(Number(value));
  const text = textOf(value);
  return text !== undefined && INTEGER.test(text) ? Number(text) : undefined;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  const text = textOf(value);
  if (text !== undefined) {
    const shown = text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}...` : text;
    return JSON.stringify(shown);
  }
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : `a value of type ${typeof value}`;
}
