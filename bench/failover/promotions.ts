import type { LocalNode } from '../../src/testing/index.js';
import { nowMs, pause } from './clock.js';
import { ServerEye, Watch } from './server-eye.js';

const ASK_EVERY_MS = 10;

/** A cluster that has promoted nobody by then will not. */
const PROMOTED_WITHIN_MS = 30_000;

/** When replicas became primaries, as they say themselves; asked all the time. */
export class Promotions {
  readonly #eyes: ServerEye[] = [];
  readonly #watches: Watch[] = [];
  readonly #promotedAtMs = new Map<number, number>();

  /** @param replicas - of the shards whose promotions matter */
  constructor(replicas: readonly LocalNode[]) {
    for (const replica of replicas) {
      const { shard } = replica;
      const eye = new ServerEye(replica);
      this.#eyes.push(eye);
      this.#watches.push(
        new Watch(ASK_EVERY_MS, async () => {
          if (this.#promotedAtMs.has(shard)) return;
          const askedAtMs = nowMs();
          // It was one when it answered, perhaps already when it was asked: the earlier moment is taken.
          if ((await eye.role()) === 'master') this.#promotedAtMs.set(shard, askedAtMs);
        }),
      );
    }
  }

  /** Undefined: not yet. */
  promotedAtMs(shard: number): number | undefined {
    return this.#promotedAtMs.get(shard);
  }

  /** Resolves when the shard has a new primary. @throws Error when that takes too long */
  async wait(shard: number): Promise<void> {
    const untilMs = nowMs() + PROMOTED_WITHIN_MS;
    while (!this.#promotedAtMs.has(shard)) {
      if (nowMs() > untilMs)
        throw new Error(`no replica of shard ${shard} was promoted within ${PROMOTED_WITHIN_MS} ms`);
      await pause(ASK_EVERY_MS);
    }
  }

  async stop(): Promise<void> {
    // First the connections, so that no question is waited for.
    for (const eye of this.#eyes) eye.close();
    await Promise.all(this.#watches.map((watch) => watch.stop()));
  }
}
