import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';

/** When a node's breaker opens, and for how long. */
export interface BreakerSettings {
  /** Share of a node's batches that must be lost within the window for its breaker to open, in percent. */
  readonly errorThresholdPercentage: number;
  /** Batches in the window below which nothing is concluded from their share. */
  readonly volumeThreshold: number;
  /** Length of the window, in milliseconds. */
  readonly rollingMs: number;
}

/** `'closed'`: the node is used. `'open'`: it is passed over. `'halfOpen'`: one probe is under way. */
export type BreakerState = 'closed' | 'open' | 'halfOpen';

/** What became of a batch: told once. */
export interface BatchVerdict {
  answered(): void;
  lost(error: Error): void;
}

const BUCKETS = 10;

/** Turns the windows of all breakers of a client together; opossum would keep a timer for each. */
export class BreakerWindows {
  readonly controller: EventEmitter = new EventEmitter().setMaxListeners(0);
  readonly #bucketMs: number;
  #turnedAtMs: number;

  constructor(rollingMs: number, nowMs: number) {
    this.#bucketMs = rollingMs / BUCKETS;
    this.#turnedAtMs = nowMs;
  }

  /** Drops what has become too old. Called while there is traffic; a window without traffic need not turn. */
  turn(nowMs: number): void {
    const due = Math.floor((nowMs - this.#turnedAtMs) / this.#bucketMs);
    if (due <= 0) return;
    for (let i = Math.min(due, BUCKETS); i > 0; i--) this.controller.emit('rotate');
    this.#turnedAtMs += due * this.#bucketMs;
  }
}

/** What a breaker is made with. */
export interface BreakerOptions extends BreakerSettings {
  readonly address: string;
  readonly windows: BreakerWindows;
  /** How long it stays open this time, in milliseconds. */
  restMs(): number;
  onChange(state: BreakerState): void;
}

/**
 * The circuit breaker of one node, over opossum. It is fired once per batch: its action is "this batch is written and
 * answered". What servers answer, errors included, is an answer.
 *
 * Opens when too many batches are lost, and at once when {@link trip} says that the node is hung or cannot be reached.
 * When its rest is over it is half open: the node is probed with one batch, and closes or opens by that.
 */
export class NodeBreaker {
  readonly #breaker: CircuitBreaker<[Promise<void>], void>;
  /** opossum reads them when it opens; the rest is drawn anew for each time. */
  readonly #tuning: CircuitBreaker.Options<[Promise<void>]>;
  readonly #options: BreakerOptions;
  #generation = 0;
  #state: BreakerState = 'closed';

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#tuning = {
      name: options.address,
      timeout: false,
      errorThresholdPercentage: options.errorThresholdPercentage,
      volumeThreshold: options.volumeThreshold,
      rollingCountTimeout: options.rollingMs,
      rollingCountBuckets: BUCKETS,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      rotateBucketController: options.windows.controller,
      resetTimeout: options.restMs(),
    };
    this.#breaker = new CircuitBreaker((batch: Promise<void>) => batch, this.#tuning);
    this.#breaker.on('open', () => this.#changed('open'));
    this.#breaker.on('halfOpen', () => this.#changed('halfOpen'));
    this.#breaker.on('close', () => this.#changed('closed'));
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Another link has begun: what is still to come of batches of the one before is no longer of interest. */
  nextGeneration(): void {
    this.#generation++;
  }

  /** A batch is on its way. */
  fire(): BatchVerdict {
    const generation = this.#generation;
    let answered!: () => void;
    let lost!: (error: Error) => void;
    const batch = new Promise<void>((resolve, reject) => {
      answered = resolve;
      lost = reject;
    });
    // The verdict is what counts; every attempt of the batch tells its own caller what became of it. An open breaker
    // does not look at the batch, so nobody else may be listening to it.
    batch.catch(() => {});
    this.#breaker.fire(batch).catch(() => {});
    return {
      answered: () => {
        if (generation === this.#generation) answered();
      },
      lost: (error) => {
        if (generation === this.#generation) lost(error);
      },
    };
  }

  /** The node is known to be of no use now, whatever batches under way may say. A failed probe opens it for longer. */
  trip(): void {
    this.#generation++;
    this.#tuning.resetTimeout = this.#options.restMs();
    this.#breaker.open();
  }

  /** Ends it: no timer is left, and nothing changes any more. */
  close(): void {
    this.#breaker.shutdown();
  }

  #changed(state: BreakerState): void {
    this.#state = state;
    this.#options.onChange(state);
  }
}
