import type { LocalNode } from '../../../src/testing/index.js';
import { nowMs } from '../clock.js';
import { callsOf, ServerEye, Watch } from '../server-eye.js';
import type { QuestionFigures, QuestionSample } from './crowd-result.js';

const SAMPLE_EVERY_MS = 1_000;

/** The questions about the topology that clients ask; the harness asks others. */
const QUESTIONS = ['cluster|shards', 'cluster|slots'];

/** How often a node had been asked, at one moment. */
export interface QuestionCount {
  readonly node: string;
  readonly atMs: number;
  readonly questions: number;
}

/** Counts what every node is asked, second by second, from its own statistics. */
export class Questions {
  readonly counts: QuestionCount[] = [];
  readonly #eyes: ServerEye[] = [];
  readonly #watches: Watch[] = [];

  constructor(nodes: readonly LocalNode[]) {
    for (const node of nodes) {
      const eye = new ServerEye(node);
      this.#eyes.push(eye);
      this.#watches.push(
        new Watch(SAMPLE_EVERY_MS, async () => {
          const stats = await eye.info('commandstats');
          const questions = QUESTIONS.reduce((sum, command) => sum + callsOf(stats, command), 0);
          this.counts.push({ node: node.address, atMs: nowMs(), questions });
        }),
      );
    }
  }

  async stop(): Promise<void> {
    for (const eye of this.#eyes) eye.close();
    await Promise.all(this.#watches.map((watch) => watch.stop()));
  }
}

/**
 * What lies between two counts of a node, per second. A node that did not answer for a while answers all at once what
 * it was asked meanwhile, so that counts as one second.
 */
export function questionSamples(counts: readonly QuestionCount[], faultAtMs: number): QuestionSample[] {
  const last = new Map<string, QuestionCount>();
  return counts.flatMap((count): QuestionSample[] => {
    const { node, atMs, questions } = count;
    const previous = last.get(node);
    last.set(node, count);
    if (previous === undefined) return [];
    const seconds = Math.min(atMs - previous.atMs, SAMPLE_EVERY_MS) / 1000;
    return [{ node, afterFaultMs: atMs - faultAtMs, perSecond: (questions - previous.questions) / seconds }];
  });
}

/** Over the samples that end in the window. */
export function questionFigures(
  samples: readonly QuestionSample[],
  fromMs: number,
  toMs: number,
): QuestionFigures {
  const rates = samples
    .filter(({ afterFaultMs }) => afterFaultMs > fromMs && afterFaultMs <= toMs)
    .map(({ perSecond }) => perSecond);
  return {
    peakPerNodePerSecond: Math.max(0, ...rates),
    meanPerNodePerSecond: rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length),
  };
}
