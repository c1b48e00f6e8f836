import { ReplyError, type SeedFailure, TopologyReplyError } from '../errors/index.js';
import type { Clock, Timer } from '../support/index.js';
import type { Answer } from '../topology/index.js';

/** Somebody who can be asked for the topology. */
export interface Candidate {
  /** How it is called in messages; the address of a node. Nobody is asked twice by one name. */
  readonly name: string;
  ask(): Promise<Word>;
}

/** What one candidate said. */
export interface Word {
  readonly answer: Answer;
  /** Who knows more: the primary that a replica names where cluster mode is disabled. */
  readonly betterWitness?: Candidate;
}

/** Whom to ask. */
export interface GatherPlan {
  /** In the order in which they are asked. */
  readonly candidates: readonly Candidate[];
  /** How many are asked at the same time, to begin with. */
  readonly askedAtOnce: number;
  /** After this time without enough answers one more is asked, in milliseconds. */
  readonly staggerMs: number;
  readonly clock: Clock;
  /** Asked for once, when no candidate is left and none has answered. Must not reject. */
  more(): Promise<readonly Candidate[]>;
}

/** What came of it. */
export interface Gathered {
  /** At most one of each node. */
  readonly answers: readonly Answer[];
  /** Names of all who were asked. */
  readonly asked: readonly string[];
  /** Names of those of them who gave no sign: no link, or no answer by the time it was over. */
  readonly silent: readonly string[];
  /** Why those failed who did. */
  readonly failures: readonly SeedFailure[];
}

/** How long answers are still waited for when there are enough, in milliseconds. */
const GRACE_MS = 50;
/** The same when the one who knows best is among those who have not answered. */
const WITNESS_GRACE_MS = 250;

/**
 * One round of questions that hung nodes do not hold up.
 *
 * It is over when all who were asked have answered; a short grace after half of those have whom it began with; or when
 * somebody has answered, nobody is left to be asked, and the others have had their time. Who fails is replaced at once,
 * who is slow after a while. Answers that come later are dropped.
 */
export class AnswerGathering {
  readonly #plan: GatherPlan;
  readonly #waiting: Candidate[];
  readonly #asked = new Set<string>();
  readonly #pending = new Set<string>();
  readonly #answers = new Map<string, Answer>();
  readonly #failures: SeedFailure[] = [];
  readonly #mute = new Set<string>();
  /** Better witnesses who have not answered. */
  readonly #awaited = new Set<string>();
  readonly #enough: number;
  #more: 'unasked' | 'asked' | 'known' = 'unasked';
  #isStopped = false;
  #stagger: Timer | undefined;
  #grace: Timer | undefined;
  #finish: ((gathered: Gathered) => void) | undefined;

  constructor(plan: GatherPlan) {
    this.#plan = plan;
    this.#waiting = [...plan.candidates];
    this.#enough = Math.max(1, Math.ceil(Math.min(plan.askedAtOnce, plan.candidates.length) / 2));
  }

  /** Asks. Called once. Never rejects: that nobody answered shows in the result. */
  run(): Promise<Gathered> {
    return new Promise((resolve) => {
      this.#finish = resolve;
      for (let i = 0; i < this.#plan.askedAtOnce; i++) this.#askNext();
      this.#step();
      this.#watch();
    });
  }

  /** Whether {@link stop} ended it. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Ends at once, with what has been answered so far. */
  stop(): void {
    this.#isStopped = this.#finish !== undefined;
    this.#end();
  }

  #end(): void {
    const finish = this.#finish;
    if (finish === undefined) return;
    this.#finish = undefined;
    this.#stagger?.cancel();
    this.#grace?.cancel();
    finish({
      answers: [...this.#answers.values()],
      asked: [...this.#asked],
      silent: [...this.#pending, ...this.#mute],
      failures: this.#failures,
    });
  }

  /** Asks the next who has not been asked yet. Returns whether there was one. */
  #askNext(): boolean {
    for (let candidate = this.#waiting.shift(); candidate !== undefined; candidate = this.#waiting.shift()) {
      if (this.#asked.has(candidate.name)) continue;
      void this.#ask(candidate);
      return true;
    }
    return false;
  }

  async #ask(candidate: Candidate): Promise<void> {
    const { name } = candidate;
    this.#asked.add(name);
    this.#pending.add(name);
    try {
      const { answer, betterWitness } = await candidate.ask();
      if (this.#finish === undefined) return;
      this.#ended(name);
      if (!this.#answers.has(answer.from)) this.#answers.set(answer.from, answer);
      if (betterWitness !== undefined && !this.#asked.has(betterWitness.name)) {
        this.#awaited.add(betterWitness.name);
        void this.#ask(betterWitness);
      }
    } catch (error) {
      if (this.#finish === undefined) return;
      this.#ended(name);
      this.#failures.push({ seed: name, error: error as Error });
      // Who answers nonsense, or with an error, is there.
      if (!(error instanceof ReplyError || error instanceof TopologyReplyError)) this.#mute.add(name);
      if (this.#answers.size < this.#enough) this.#askNext();
    }
    this.#step();
  }

  #ended(name: string): void {
    this.#pending.delete(name);
    this.#awaited.delete(name);
  }

  #step(): void {
    if (this.#finish === undefined) return;
    const hasAnswer = this.#answers.size > 0;
    if (this.#pending.size === 0) {
      if (hasAnswer || this.#more === 'known') this.#end();
      else this.#askForMore();
    } else if (this.#grace === undefined && this.#answers.size >= this.#enough) {
      const graceMs = this.#awaited.size > 0 ? WITNESS_GRACE_MS : GRACE_MS;
      this.#grace = this.#plan.clock.schedule(graceMs, () => this.#end(), true);
    }
  }

  #watch(): void {
    if (this.#finish === undefined) return;
    const isSlow = (): void => {
      // When enough have answered, the grace ends it.
      if (this.#finish === undefined || this.#grace !== undefined) return;
      if (!this.#askNext()) {
        if (this.#answers.size > 0) this.#end();
        else this.#askForMore();
      }
      this.#watch();
    };
    this.#stagger = this.#plan.clock.schedule(this.#plan.staggerMs, isSlow, true);
  }

  #askForMore(): void {
    if (this.#more !== 'unasked') return;
    this.#more = 'asked';
    void this.#plan.more().then((more) => {
      this.#more = 'known';
      if (this.#finish === undefined) return;
      this.#waiting.push(...more);
      this.#askNext();
      this.#step();
    });
  }
}
