import type { LocalNode } from '../../src/testing/index.js';
import { nowMs } from './clock.js';
import { callsOf, ServerEye, Watch } from './server-eye.js';
import type { ShareSample } from './statistics.js';

const SAMPLE_EVERY_MS = 200;

/** How many reads a node answers, sampled all the time. */
export class ReplicaShare {
  readonly #eye: ServerEye;
  readonly #watch: Watch;
  readonly samples: ShareSample[] = [];

  constructor(node: LocalNode) {
    this.#eye = new ServerEye(node);
    this.#watch = new Watch(SAMPLE_EVERY_MS, async () => {
      const [stats, replication] = await Promise.all([
        this.#eye.info('commandstats'),
        this.#eye.info('replication'),
      ]);
      this.samples.push({
        atMs: nowMs(),
        reads: callsOf(stats, 'get'),
        // A primary has no such field.
        hasItsCopy: replication.get('master_link_status') !== 'down',
      });
    });
  }

  async stop(): Promise<void> {
    this.#eye.close();
    await this.#watch.stop();
  }
}
