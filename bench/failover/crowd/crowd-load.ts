import type { FaultedClient } from '../clients/faulted-client.js';
import { nowMs, pause } from '../clock.js';
import type { CrowdTally } from './crowd-protocol.js';

const TICK_MS = 20;
const SETTLED_EVERY_MS = 20;

/** Every call uses a random one of so many keys, so that each client comes to every shard. */
const KEYS = 10_000;

/** One call in so many writes. */
const ONE_WRITE_IN = 4;

/** Light traffic of many clients, each in its turn. */
export class CrowdLoad {
  readonly #clients: readonly FaultedClient[];
  readonly #callsPerMs: number;
  readonly #beganAtMs = nowMs();
  readonly #timer: NodeJS.Timeout;
  readonly #errors = new Map<string, number>();
  #calls = 0;
  #pending = 0;

  /** Begins at once. */
  constructor(clients: readonly FaultedClient[], callsPerSecondPerClient: number) {
    this.#clients = clients;
    this.#callsPerMs = (clients.length * callsPerSecondPerClient) / 1000;
    this.#timer = setInterval(() => this.#catchUp(), TICK_MS);
  }

  /** Makes no more calls, and resolves when all have settled or `settleWithinMs` have passed. */
  async end(settleWithinMs: number): Promise<CrowdTally> {
    clearInterval(this.#timer);
    const untilMs = nowMs() + settleWithinMs;
    while (this.#pending > 0 && nowMs() < untilMs) await pause(SETTLED_EVERY_MS);
    return { calls: this.#calls, errors: this.#errors, unsettled: this.#pending };
  }

  #catchUp(): void {
    const due = Math.floor((nowMs() - this.#beganAtMs) * this.#callsPerMs);
    while (this.#calls < due) this.#make();
  }

  #make(): void {
    const client = this.#clients[this.#calls % this.#clients.length]!;
    const key = `crowd:${Math.floor(Math.random() * KEYS)}`;
    const isWrite = Math.random() * ONE_WRITE_IN < 1;
    this.#calls++;
    this.#pending++;
    (isWrite ? client.write(key, 'value') : client.read(key)).then(
      () => this.#pending--,
      (error: Error) => {
        this.#pending--;
        const text = `${error.name}: ${error.message}`.replaceAll(/\d+/g, '#');
        this.#errors.set(text, 1 + (this.#errors.get(text) ?? 0));
      },
    );
  }
}
