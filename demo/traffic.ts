import type { ClusterClient } from 'slotwise';

/** Keys of each kind that the traffic works on. */
const KEYS = 5_000;
const COUNTERS = 100;
const KEYS_PER_LOAD = 500;
/** Operations under way at the same time. */
const WORKERS = 64;
/** Different errors that are remembered for the end. */
const MAX_ERRORS_KEPT = 10;

type Operation = () => Promise<unknown>;

/**
 * An application at work: reads and writes of several kinds over all slots, each worker one after another. It counts
 * what came back, and every error; it repeats nothing.
 */
export class Traffic {
  readonly #client: ClusterClient;
  readonly #mix: readonly Operation[];
  #stopping = false;
  #workers: Promise<unknown> = Promise.resolve();
  #operations = 0;
  #errors = 0;
  #increments = 0;
  readonly #messages: Set<string> = new Set();

  constructor(client: ClusterClient) {
    this.#client = client;
    const reader = client.with({ readFrom: 'preferReplica' });
    const get: Operation = () => client.get(anyKey());
    const getFromReplica: Operation = () => reader.get(anyKey());
    const set: Operation = () => client.set(anyKey(), `value ${Math.random()}`);
    const mget: Operation = () => reader.mget([anyKey(), anyKey(), anyKey(), anyKey()]);
    const hset: Operation = () =>
      client.hset(`cart:${anyNumber(KEYS)}`, 'items', anyNumber(9), 'state', 'open');
    const hget: Operation = () => client.hget(`cart:${anyNumber(KEYS)}`, 'items');
    const zadd: Operation = () =>
      client.zadd(`board:${anyNumber(COUNTERS)}`, Math.random(), `player:${anyNumber(9)}`);
    const incr: Operation = async () => {
      await client.incr(`visits:${anyNumber(COUNTERS)}`);
      this.#increments++;
    };
    this.#mix = [
      get,
      getFromReplica,
      set,
      getFromReplica,
      get,
      incr,
      hset,
      getFromReplica,
      hget,
      mget,
      zadd,
      set,
    ];
  }

  get operations(): number {
    return this.#operations;
  }

  get errors(): number {
    return this.#errors;
  }

  /** INCRs that were acknowledged. */
  get increments(): number {
    return this.#increments;
  }

  /** The first few different errors. */
  get messages(): readonly string[] {
    return [...this.#messages];
  }

  /** Writes every key that is read later; resolves with their number. */
  async load(): Promise<number> {
    for (let first = 0; first < KEYS; first += KEYS_PER_LOAD) {
      const keys = Array.from({ length: KEYS_PER_LOAD }, (_, i) => `user:${first + i}`);
      await this.#client.mset(Object.fromEntries(keys.map((key) => [key, `value of ${key}`])));
    }
    return KEYS;
  }

  start(): void {
    this.#workers = Promise.all(Array.from({ length: WORKERS }, (_, worker) => this.#work(worker)));
  }

  /** Lets every operation under way come to its end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#workers;
  }

  /** What the servers say the acknowledged increments add up to. */
  async countedIncrements(): Promise<number> {
    const names = Array.from({ length: COUNTERS }, (_, i) => `visits:${i}`);
    const values = await this.#client.mget(names);
    return values.reduce((sum, value) => sum + Number(value ?? 0), 0);
  }

  async #work(worker: number): Promise<void> {
    for (let turn = worker; !this.#stopping; turn++) {
      try {
        await (this.#mix[turn % this.#mix.length] as Operation)();
        this.#operations++;
      } catch (error) {
        this.#errors++;
        this.#remember(error);
      }
    }
  }

  #remember(error: unknown): void {
    if (this.#messages.size < MAX_ERRORS_KEPT) this.#messages.add(String(error));
  }
}

function anyNumber(below: number): number {
  return Math.floor(Math.random() * below);
}

function anyKey(): string {
  return `user:${anyNumber(KEYS)}`;
}
