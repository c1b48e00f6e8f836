/** Every so many values one is long enough to be read in several pieces. */
const LONG_EVERY = 50;
const LONG_CHARACTERS = 20_000;
/** Letters of one and of several bytes: a reply that is cut or mixed up cannot look whole. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyzåßçđéƒ';

/** The only value that is ever written to a key as its `sequence`-th: it says so itself, and has a length of its own. */
export function valueOf(key: string, sequence: number): string {
  const length = sequence % LONG_EVERY === 0 ? LONG_CHARACTERS : 1 + ((sequence * 7) % 60);
  const start = sequence % ALPHABET.length;
  const filler = (ALPHABET.slice(start) + ALPHABET).repeat(1 + Math.ceil(length / ALPHABET.length));
  return `${key}#${sequence}#${filler.slice(0, length)}`;
}

/** Which value of `key` this is; undefined when it is none. */
export function sequenceOf(key: string, text: string): number | undefined {
  const prefix = `${key}#`;
  if (!text.startsWith(prefix)) return undefined;
  const sequence = Number(text.slice(prefix.length, text.indexOf('#', prefix.length)));
  return Number.isSafeInteger(sequence) && sequence >= 0 && text === valueOf(key, sequence)
    ? sequence
    : undefined;
}

/** A value short enough for a message. */
export function excerpt(text: string): string {
  return text.length <= 80 ? `'${text}'` : `'${text.slice(0, 80)}...' (${text.length} characters)`;
}
