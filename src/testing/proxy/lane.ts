import { Queue, type Random } from '../../support/index.js';
import type { Conditions } from './conditions.js';

/** Where a lane leads. */
export interface Sink {
  /** @returns false when it takes no more until {@link Lane.drained} is called */
  write(bytes: Buffer): boolean;
  /** How the other side took its leave; see {@link Ending}. */
  finish(ending: Ending): void;
}

/** `end`: it sends no more; `close`: it closed; `reset`: it broke the connection off. */
export type Ending = 'end' | 'close' | 'reset';

/** What a lane is fed from. */
export interface Source {
  pause(): void;
  resume(): void;
}

interface Cargo {
  bytes: Buffer | undefined;
  readonly ending: Ending | undefined;
  readonly arrivedMs: number;
  /** Its lot in `[0, 1)`: the share of the jitter it gets. */
  readonly lot: number;
}

/** What waits in a lane; above this its source is read no further, and the sender's own buffers fill. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** A limited rate is kept in steps of so many milliseconds. */
const RATE_STEP_MS = 20;

/** One direction of a connection: bytes come out as they went in, when the conditions let them. */
export class Lane {
  readonly #source: Source;
  readonly #sink: Sink;
  readonly #conditions: Conditions;
  readonly #random: Random;
  readonly #queue: Queue<Cargo> = new Queue();
  #queuedBytes = 0;
  #isPaused = false;
  #isSevered = false;
  #isSinkFull = false;
  /** A single byte was written: the next has to wait until that one is on its way. */
  #isByteUnderWay = false;
  #rateFreeAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(source: Source, sink: Sink, conditions: Conditions, random: Random) {
    this.#source = source;
    this.#sink = sink;
    this.#conditions = conditions;
    this.#random = random;
  }

  /** Nothing passes while severed, whatever the conditions say. {@link Lane.pump} is to be called behind it. */
  set isSevered(isSevered: boolean) {
    this.#isSevered = isSevered;
  }

  get isHeld(): boolean {
    return this.#isSevered || this.#conditions.isHeld;
  }

  push(bytes: Buffer): void {
    if (this.#isClosed) return;
    if (this.#isFree && this.#queue.size === 0) this.#isSinkFull = !this.#sink.write(bytes);
    else this.#enqueue(bytes, undefined);
  }

  /** Comes out behind the bytes that went in before. */
  finish(ending: Ending): void {
    if (!this.#isClosed) this.#enqueue(undefined, ending);
  }

  /** The sink takes bytes again. */
  drained(): void {
    this.#isSinkFull = false;
    this.pump();
  }

  /** Lets out whatever may pass now. To be called when the conditions have changed. */
  pump(): void {
    while (!this.#isClosed) {
      const cargo = this.#queue.at(0);
      if (!cargo || this.#isBlocked) break;
      const waitMs = this.#dueMs(cargo) - performance.now();
      if (waitMs > 0) {
        this.#wakeIn(waitMs);
        break;
      }
      this.#letOut(cargo);
    }
    this.#regulate();
  }

  /** Forgets what waits; takes nothing more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#queue.drain();
    this.#queuedBytes = 0;
  }

  get #isBlocked(): boolean {
    return this.isHeld || this.#isSinkFull || this.#isByteUnderWay;
  }

  /** What arrives can leave at once, and in one piece. */
  get #isFree(): boolean {
    const { latencyMs, jitterMs, isSplit, bytesPerSecond } = this.#conditions;
    return !this.#isBlocked && latencyMs === 0 && jitterMs === 0 && !isSplit && bytesPerSecond === Infinity;
  }

  #enqueue(bytes: Buffer | undefined, ending: Ending | undefined): void {
    this.#queue.push({ bytes, ending, arrivedMs: performance.now(), lot: this.#random() });
    this.#queuedBytes += bytes?.length ?? 0;
    this.pump();
  }

  /** By the conditions of now, so that what waits is let go when a latency is taken away. */
  #dueMs({ arrivedMs, lot }: Cargo): number {
    const { latencyMs, jitterMs, bytesPerSecond } = this.#conditions;
    const rateDueMs = bytesPerSecond === Infinity ? 0 : this.#rateFreeAtMs;
    return Math.max(arrivedMs + latencyMs + jitterMs * lot, rateDueMs);
  }

  #wakeIn(waitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.pump(), Math.ceil(waitMs)).unref();
  }

  #letOut(cargo: Cargo): void {
    const { bytes, ending } = cargo;
    if (!bytes) {
      this.#queue.shift();
      this.#sink.finish(ending as Ending);
      return;
    }
    const { isSplit, bytesPerSecond } = this.#conditions;
    const perStep = Math.max(1, Math.floor((bytesPerSecond * RATE_STEP_MS) / 1000));
    const size = Math.min(bytes.length, isSplit ? 1 : perStep);
    if (size === bytes.length) this.#queue.shift();
    else cargo.bytes = bytes.subarray(size);
    this.#queuedBytes -= size;
    this.#rateFreeAtMs = performance.now() + (size * 1000) / bytesPerSecond;
    if (isSplit) this.#waitForByte();
    if (!this.#sink.write(bytes.subarray(0, size))) this.#isSinkFull = true;
  }

  /**
   * The reader's turn comes before the next byte, or it would find both at once: a whole turn of the event loop has to
   * pass, of which the first `setImmediate` may only see the rest.
   */
  #waitForByte(): void {
    this.#isByteUnderWay = true;
    const onNextTurn = (): void => {
      this.#isByteUnderWay = false;
      this.pump();
    };
    setImmediate(() => setImmediate(onNextTurn));
  }

  #regulate(): void {
    if (!this.#isPaused && this.#queuedBytes >= MAX_QUEUED_BYTES) {
      this.#isPaused = true;
      this.#source.pause();
    } else if (this.#isPaused && this.#queuedBytes < MAX_QUEUED_BYTES / 2) {
      this.#isPaused = false;
      this.#source.resume();
    }
  }
}
