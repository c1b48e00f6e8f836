import type { FaultedClient } from './clients/faulted-client.js';
import { nowMs, pause } from './clock.js';
import { valueOf } from './keys.js';
import type { CounterTally, LoadResult, ShardKeys } from './protocol.js';
import { type CallKind, Recorder } from './records.js';

/** One tick per call of the most frequent kind. */
const TICK_MS = 10;

/** Calls per shard: one in so many ticks, so 100 reads, 100 writes and 20 increments a second. */
const ONE_IN_TICKS: Readonly<Record<CallKind, number>> = { read: 1, write: 1, increment: 5 };

const KINDS = Object.keys(ONE_IN_TICKS) as CallKind[];

/** Ticks made up for after a delay; a longer one leaves calls out instead of making them all at once. */
const MAX_TICKS_AT_ONCE = 50;

/** Calls may be pending for ever: more than this are not made. */
const MAX_PENDING = 20_000;

const SETTLED_EVERY_MS = 10;

interface Tally {
  acknowledged: number;
  maybe: number;
}

/**
 * An open loop: calls are made at a steady rate whether or not earlier ones were answered, as independent callers do.
 * A closed loop would wait for the fault and hardly notice it.
 */
export class Load {
  readonly #client: FaultedClient;
  readonly #keys: readonly ShardKeys[];
  readonly #recorder = new Recorder();
  readonly #counters = new Map<string, Tally>();
  readonly #beganAtMs = nowMs();
  readonly #timer: NodeJS.Timeout;
  readonly #strayErrors: readonly string[];
  #ticks = 0;
  #pending = 0;
  #skipped = 0;
  #worstTickDelayMs = 0;

  /** Begins at once. */
  constructor(client: FaultedClient, keys: readonly ShardKeys[], strayErrors: readonly string[]) {
    this.#client = client;
    this.#keys = keys;
    this.#strayErrors = strayErrors;
    for (const { increment } of keys) {
      for (const key of increment) this.#counters.set(key, { acknowledged: 0, maybe: 0 });
    }
    this.#timer = setInterval(() => this.#catchUp(), TICK_MS);
  }

  get beganAtMs(): number {
    return this.#beganAtMs;
  }

  /** Makes no more calls, and resolves when all have settled or `settleWithinMs` have passed. */
  async end(settleWithinMs: number): Promise<LoadResult> {
    clearInterval(this.#timer);
    const endedAtMs = nowMs();
    while (this.#pending > 0 && nowMs() - endedAtMs < settleWithinMs) await pause(SETTLED_EVERY_MS);
    return {
      records: this.#recorder.take(),
      endedAtMs,
      skipped: this.#skipped,
      worstTickDelayMs: this.#worstTickDelayMs,
      counters: [...this.#counters].map(([key, tally]): CounterTally => ({ key, ...tally })),
      strayErrors: [...this.#strayErrors],
    };
  }

  #catchUp(): void {
    const elapsedMs = nowMs() - this.#beganAtMs;
    this.#worstTickDelayMs = Math.max(this.#worstTickDelayMs, elapsedMs - (this.#ticks + 1) * TICK_MS);
    const due = Math.floor(elapsedMs / TICK_MS);
    const first = Math.max(this.#ticks, due - MAX_TICKS_AT_ONCE);
    for (let tick = this.#ticks; tick < due; tick++) this.#tick(tick, tick < first);
    this.#ticks = Math.max(this.#ticks, due);
  }

  #tick(tick: number, isLeftOut: boolean): void {
    for (const kind of KINDS) {
      if (tick % ONE_IN_TICKS[kind] !== 0) continue;
      for (const { shard, [kind]: keys } of this.#keys) {
        if (isLeftOut || this.#pending >= MAX_PENDING) this.#skipped++;
        else this.#make(kind, shard, keys[Math.floor(Math.random() * keys.length)]!);
      }
    }
  }

  #make(kind: CallKind, shard: number, key: string): void {
    const tally = this.#counters.get(key);
    // Until it is acknowledged it may have been counted.
    if (tally) tally.maybe++;
    this.#pending++;
    const call = this.#recorder.begin(kind, shard, nowMs());
    this.#issue(kind, key).then(
      (reply) => {
        const isWrong = kind === 'read' && reply !== null && reply !== valueOf(key);
        if (isWrong) this.#recorder.end(call, 'failed', nowMs(), new Error('a value that was never written'));
        else this.#recorder.end(call, kind === 'read' && reply === null ? 'empty' : 'ok', nowMs());
        this.#pending--;
        if (!tally) return;
        tally.maybe--;
        tally.acknowledged++;
      },
      (error: unknown) => {
        this.#recorder.end(call, 'failed', nowMs(), error);
        this.#pending--;
        if (tally && this.#client.isWithoutEffect?.(error) === true) tally.maybe--;
      },
    );
  }

  /** A client may throw where it should reject. */
  async #issue(kind: CallKind, key: string): Promise<unknown> {
    if (kind === 'read') return this.#client.read(key);
    return kind === 'write' ? this.#client.write(key, valueOf(key)) : this.#client.increment(key);
  }
}
