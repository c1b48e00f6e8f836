import { Redis } from 'ioredis';
import type { LocalNode } from '../../src/testing/index.js';
import { nowMs, pause } from './clock.js';
import { seedOf } from './protocol.js';

/** A hung server does not answer; it is asked again after this. */
const ANSWER_WITHIN_MS = 500;
const RECONNECT_MS = 50;

/** What a server says of itself, asked over a connection of its own. Every question may fail: the server may be gone. */
export class ServerEye {
  readonly #link: Redis;

  /** @param node - past its proxy, if there is one: what is done to clients is not done to who watches them */
  constructor({ directAddress }: LocalNode) {
    const { host, port } = seedOf(directAddress);
    this.#link = new Redis({
      host,
      port,
      commandTimeout: ANSWER_WITHIN_MS,
      connectTimeout: ANSWER_WITHIN_MS,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => RECONNECT_MS,
      disableClientInfo: true,
    });
    // Lost connections show in the questions.
    this.#link.on('error', () => undefined);
  }

  /** `master` or `slave`. */
  async role(): Promise<string> {
    const [role] = (await this.#link.call('ROLE')) as [string];
    return role;
  }

  /** Field to value of a section of INFO. */
  async info(section: string): Promise<ReadonlyMap<string, string>> {
    const text = await this.#link.info(section);
    return new Map(
      text.split('\r\n').flatMap((line): [string, string][] => {
        const colon = line.indexOf(':');
        return colon === -1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
      }),
    );
  }

  close(): void {
    this.#link.disconnect();
  }
}

/** How often a command ran on the server since it started. @param command - as INFO names it: `get`, `cluster|shards` */
export function callsOf(commandStats: ReadonlyMap<string, string>, command: string): number {
  return Number(/calls=(\d+)/.exec(commandStats.get(`cmdstat_${command}`) ?? '')?.[1] ?? 0);
}

/**
 * Asks the servers without end, every `everyMs`, until `stop` is called; what `look` throws is the server's absence, and
 * the next look follows.
 */
export class Watch {
  readonly #ended: Promise<void>;
  #isStopped = false;

  constructor(everyMs: number, look: () => Promise<void>) {
    this.#ended = this.#run(everyMs, look);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#ended;
  }

  async #run(everyMs: number, look: () => Promise<void>): Promise<void> {
    while (!this.#isStopped) {
      const beganAtMs = nowMs();
      try {
        await look();
      } catch {
        // A server that does not answer is what this bench brings about.
      }
      await pause(Math.max(0, beganAtMs + everyMs - nowMs()));
    }
  }
}
