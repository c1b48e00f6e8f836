import type { CommandArgument } from './encode.js';

/** The text of an argument that stands for a word or a number, not for data: bytes are read as Latin-1. */
export function textOf(arg: unknown): string {
  if (typeof arg === 'string') return arg;
  if (typeof arg === 'number' || typeof arg === 'bigint') return String(arg);
  if (!(arg instanceof Uint8Array)) return '';
  return Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength).toString('latin1');
}

/** Whether the argument is this word, given in upper case, in any case. */
export function isWord(arg: unknown, word: string): boolean {
  if (typeof arg !== 'string' && !(arg instanceof Uint8Array)) return false;
  return arg.length === word.length && textOf(arg).toUpperCase() === word;
}

/** An argument that stands for a key, as what its slot is reckoned from. */
export function keyOf(arg: CommandArgument): string | Uint8Array {
  return typeof arg === 'string' || arg instanceof Uint8Array ? arg : String(arg);
}
