import { describe, expect, it } from 'vitest';
import {
  AnswerGathering,
  type Candidate,
  type Gathered,
  type Word,
} from '../../../src/discovery/gather-answers.js';
import { LinkLostError, ReplyError, TopologyReplyError } from '../../../src/errors/index.js';
import { ManualClock } from '../../support/manual-clock.js';
import { clusterView } from '../topology/views.js';
import { turns } from './fake-nodes.js';

/** A candidate that answers when the test says. */
class Witness implements Candidate {
  readonly name: string;
  isAsked = false;
  #resolve!: (word: Word) => void;
  #reject!: (error: Error) => void;

  constructor(name: string) {
    this.name = name;
  }

  ask(): Promise<Word> {
    this.isAsked = true;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  answer(betterWitness?: Candidate): Promise<void> {
    const answer = { from: this.name, view: clusterView([]) };
    this.#resolve(betterWitness === undefined ? { answer } : { answer, betterWitness });
    return turns();
  }

  fail(error: Error = new LinkLostError('gone')): Promise<void> {
    this.#reject(error);
    return turns();
  }
}

interface Round {
  readonly witnesses: readonly Witness[];
  readonly seeds: readonly Witness[];
  readonly clock: ManualClock;
  readonly gathering: AnswerGathering;
  readonly result: () => Gathered | undefined;
}

function begin(witnesses: number, askedAtOnce: number, seeds = 0): Round {
  const clock = new ManualClock();
  const make = (count: number, kind: string): Witness[] =>
    Array.from({ length: count }, (_, i) => new Witness(`${kind}${i}:1`));
  const all = make(witnesses, 'node');
  const more = make(seeds, 'seed');
  const gathering = new AnswerGathering({
    candidates: all,
    askedAtOnce,
    staggerMs: 250,
    clock,
    more: () => Promise.resolve(more),
  });
  let result: Gathered | undefined;
  void gathering.run().then((gathered) => (result = gathered));
  return { witnesses: all, seeds: more, clock, gathering, result: () => result };
}

const asked = (witnesses: readonly Witness[]): readonly boolean[] => witnesses.map(({ isAsked }) => isAsked);
const from = (gathered: Gathered | undefined): readonly string[] | undefined =>
  gathered?.answers.map((answer) => answer.from);

describe('a round of questions', () => {
  it('asks as many as it may at once, and ends when all of them have answered', async () => {
    const { witnesses, result, clock } = begin(5, 3);
    expect(asked(witnesses)).toEqual([true, true, true, false, false]);
    for (const witness of witnesses.slice(0, 3)) {
      expect(result()).toBeUndefined();
      await witness.answer();
    }
    expect(from(result())).toEqual(['node0:1', 'node1:1', 'node2:1']);
    expect(result()).toMatchObject({ silent: [], failures: [] });
    expect(clock.pending).toBe(0);
  });

  it('waits a short grace for one that hangs, and calls it silent', async () => {
    const { witnesses, result, clock } = begin(3, 3);
    await witnesses[0]!.answer();
    clock.advance(249);
    await turns();
    expect(result()).toBeUndefined();
    await witnesses[1]!.answer();
    clock.advance(49);
    await turns();
    expect(result()).toBeUndefined();
    clock.advance(1);
    await turns();
    expect(from(result())).toEqual(['node0:1', 'node1:1']);
    expect(result()!.silent).toEqual(['node2:1']);
    expect(clock.pending).toBe(0);
  });

  it('drops an answer that comes after its end', async () => {
    const { witnesses, result, clock } = begin(3, 3);
    await witnesses[0]!.answer();
    await witnesses[1]!.answer();
    clock.advance(50);
    await turns();
    await witnesses[2]!.answer();
    expect(from(result())).toEqual(['node0:1', 'node1:1']);
  });

  it('asks another at once in the stead of one that failed', async () => {
    const { witnesses, result } = begin(4, 1);
    await witnesses[0]!.fail();
    expect(asked(witnesses)).toEqual([true, true, false, false]);
    await witnesses[1]!.answer();
    expect(from(result())).toEqual(['node1:1']);
    expect(result()!.silent).toEqual(['node0:1']);
    expect(result()!.failures.map(({ seed }) => seed)).toEqual(['node0:1']);
  });

  it.each([new ReplyError('LOADING'), new TopologyReplyError('nonsense')])(
    'does not call one silent that answered with $code',
    async (error) => {
      const { witnesses, result } = begin(2, 1);
      await witnesses[0]!.fail(error);
      await witnesses[1]!.answer();
      expect(result()).toMatchObject({ silent: [], failures: [{ seed: 'node0:1' }] });
    },
  );

  it('asks one more for each while that nobody answers', async () => {
    const { witnesses, clock, result } = begin(3, 1);
    clock.advance(250);
    expect(asked(witnesses)).toEqual([true, true, false]);
    clock.advance(250);
    expect(asked(witnesses)).toEqual([true, true, true]);
    await witnesses[2]!.answer();
    clock.advance(50);
    await turns();
    expect(result()!.silent).toEqual(['node0:1', 'node1:1']);
  });

  it('is content with fewer than it wanted when nobody is left and the others have had their time', async () => {
    const { witnesses, clock, result } = begin(3, 3);
    await witnesses[0]!.answer();
    clock.advance(250);
    await turns();
    expect(from(result())).toEqual(['node0:1']);
  });

  it('asks for seeds when all have failed, and one of them after the other', async () => {
    const { witnesses, seeds, clock, result } = begin(2, 2, 3);
    await witnesses[0]!.fail();
    await witnesses[1]!.fail();
    expect(asked(seeds)).toEqual([true, false, false]);
    clock.advance(250);
    expect(asked(seeds)).toEqual([true, true, false]);
    await seeds[0]!.fail();
    expect(asked(seeds)).toEqual([true, true, true]);
    await seeds[2]!.answer();
    clock.advance(250);
    await turns();
    expect(from(result())).toEqual(['seed2:1']);
    expect(result()!.asked).toEqual(['node0:1', 'node1:1', 'seed0:1', 'seed1:1', 'seed2:1']);
  });

  it('asks for seeds when all hang', async () => {
    const { seeds, clock } = begin(2, 2, 1);
    clock.advance(250);
    await turns();
    expect(asked(seeds)).toEqual([true]);
  });

  it('ends with nothing when nobody is left, and tells why', async () => {
    const { witnesses, seeds, result, clock } = begin(1, 1, 1);
    await witnesses[0]!.fail();
    await seeds[0]!.fail();
    expect(result()).toMatchObject({ answers: [], failures: [{ seed: 'node0:1' }, { seed: 'seed0:1' }] });
    expect(clock.pending).toBe(0);
  });

  it('asks nobody twice by one name', async () => {
    const clock = new ManualClock();
    const [node, again] = [new Witness('same:1'), new Witness('same:1')];
    const plan = { candidates: [node], askedAtOnce: 1, staggerMs: 250, clock };
    const result = new AnswerGathering({ ...plan, more: () => Promise.resolve([again]) }).run();
    await node.fail();
    expect((await result).answers).toEqual([]);
    expect(again.isAsked).toBe(false);
  });

  it('gives the one who knows better more time than others', async () => {
    const { witnesses, result, clock } = begin(1, 1);
    const primary = new Witness('primary:1');
    await witnesses[0]!.answer(primary);
    expect(primary.isAsked).toBe(true);
    clock.advance(60);
    await turns();
    expect(result()).toBeUndefined();
    await primary.answer();
    expect(from(result())).toEqual(['node0:1', 'primary:1']);
  });

  it('does not wait for ever for the one who knows better', async () => {
    const { witnesses, result, clock } = begin(1, 1);
    await witnesses[0]!.answer(new Witness('primary:1'));
    clock.advance(250);
    await turns();
    expect(result()).toMatchObject({ silent: ['primary:1'] });
    expect(from(result())).toEqual(['node0:1']);
  });

  it('can be stopped, and says so', async () => {
    const { gathering, result, clock } = begin(3, 3);
    gathering.stop();
    await turns();
    expect(gathering.isStopped).toBe(true);
    expect(result()).toMatchObject({ answers: [], silent: ['node0:1', 'node1:1', 'node2:1'] });
    expect(clock.pending).toBe(0);
  });
});
