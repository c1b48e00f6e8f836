/** `write` can be repeated without harm (SET), `increment` cannot (INCR). */
export type CallKind = 'read' | 'write' | 'increment';

/** A call's kind is stored as its place in this list. */
export const callKinds: readonly CallKind[] = ['read', 'write', 'increment'];

/** How a call ended. `empty`: a read found nothing, though every key that is read had been written and copied. */
export type Outcome = 'pending' | 'ok' | 'empty' | 'failed';

/** An outcome is stored as its place in this list. */
export const outcomes: readonly Outcome[] = ['pending', 'ok', 'empty', 'failed'];

/** Every call of one case, by columns: call `i` is the `i`-th of each. Times are those of `nowMs`. */
export interface CallRecords {
  readonly kinds: Uint8Array;
  /** The shard that owned the call's key when the load began. */
  readonly shards: Uint8Array;
  readonly issuedAtMs: Float64Array;
  /** `NaN`: it was still pending when the watch ended. */
  readonly settledAtMs: Float64Array;
  readonly outcomes: Uint8Array;
  /** Of a failed call: which of `errorTexts`. */
  readonly errors: Uint16Array;
  readonly errorTexts: readonly string[];
}

/** More texts than this are counted as the last one. */
const MAX_ERROR_TEXTS = 64;
const OTHER_ERRORS = 'other errors';
const MAX_TEXT_CHARACTERS = 160;

const PENDING = outcomes.indexOf('pending');

/** Notes calls as they begin and end; grows as needed. */
export class Recorder {
  #count = 0;
  #kinds = new Uint8Array(FIRST_CAPACITY);
  #shards = new Uint8Array(FIRST_CAPACITY);
  #issuedAtMs = new Float64Array(FIRST_CAPACITY);
  #settledAtMs = new Float64Array(FIRST_CAPACITY);
  #outcomes = new Uint8Array(FIRST_CAPACITY);
  #errors = new Uint16Array(FIRST_CAPACITY);
  readonly #errorTexts: string[] = [];

  /** Returns the call's number. */
  begin(kind: CallKind, shard: number, atMs: number): number {
    const call = this.#count++;
    if (call === this.#kinds.length) this.#grow();
    this.#kinds[call] = callKinds.indexOf(kind);
    this.#shards[call] = shard;
    this.#issuedAtMs[call] = atMs;
    this.#settledAtMs[call] = Number.NaN;
    this.#outcomes[call] = PENDING;
    return call;
  }

  end(call: number, outcome: Exclude<Outcome, 'pending'>, atMs: number, error?: unknown): void {
    this.#settledAtMs[call] = atMs;
    this.#outcomes[call] = outcomes.indexOf(outcome);
    if (outcome === 'failed') this.#errors[call] = this.#numberOf(textOf(error));
  }

  take(): CallRecords {
    const count = this.#count;
    return {
      kinds: this.#kinds.slice(0, count),
      shards: this.#shards.slice(0, count),
      issuedAtMs: this.#issuedAtMs.slice(0, count),
      settledAtMs: this.#settledAtMs.slice(0, count),
      outcomes: this.#outcomes.slice(0, count),
      errors: this.#errors.slice(0, count),
      errorTexts: [...this.#errorTexts],
    };
  }

  #numberOf(text: string): number {
    const known = this.#errorTexts.indexOf(text);
    if (known !== -1) return known;
    if (this.#errorTexts.length < MAX_ERROR_TEXTS - 1) return this.#errorTexts.push(text) - 1;
    if (this.#errorTexts.length < MAX_ERROR_TEXTS) this.#errorTexts.push(OTHER_ERRORS);
    return MAX_ERROR_TEXTS - 1;
  }

  #grow(): void {
    this.#kinds = grown(this.#kinds, Uint8Array);
    this.#shards = grown(this.#shards, Uint8Array);
    this.#issuedAtMs = grown(this.#issuedAtMs, Float64Array);
    this.#settledAtMs = grown(this.#settledAtMs, Float64Array);
    this.#outcomes = grown(this.#outcomes, Uint8Array);
    this.#errors = grown(this.#errors, Uint16Array);
  }
}

const FIRST_CAPACITY = 1 << 15;

function grown<T extends { readonly length: number; set(from: T): void }>(
  column: T,
  Column: new (length: number) => T,
): T {
  const larger = new Column(column.length * 2);
  larger.set(column);
  return larger;
}

/** The error in words, without what differs from call to call: numbers become `#`. */
function textOf(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: 'rejected', message: String(error) };
  return `${name}: ${message}`.replaceAll(/\d+/g, '#').replaceAll(/\s+/g, ' ').slice(0, MAX_TEXT_CHARACTERS);
}
