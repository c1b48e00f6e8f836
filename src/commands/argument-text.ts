/** The text of an argument that stands for a word or a number, not for data: bytes are read as Latin-1. */
export function textOf(arg: unknown): string {
  if (typeof arg === 'string') return arg;
  return arg instanceof Uint8Array
    ? Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength).toString('latin1')
    : String(arg);
}

/** Whether the argument is this word, given in upper case, in any case. */
export function isWord(arg: unknown, word: string): boolean {
  if (typeof arg !== 'string' && !(arg instanceof Uint8Array)) return false;
  return arg.length === word.length && textOf(arg).toUpperCase() === word;
}
