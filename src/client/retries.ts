import { ClientClosedError, QueueFullError, RetryBudgetError, type SlotwiseError } from '../errors/index.js';
import { fullJitterMs, RetryBudget } from '../resilience/index.js';
import type { Clock, Random } from '../support/index.js';
import type { EventHub } from '../telemetry/index.js';
import type { ClusterTopology, Shard } from '../topology/index.js';
import type { Call } from './call.js';
import type { ClientEvents } from './events.js';
import type { ResolvedOptions } from './options.js';
import { Trouble } from './trouble.js';
import { WaitingRoom, type WaitsFor } from './waiting-room.js';

/** What repetitions work with. */
export interface RetriesOptions {
  readonly options: ResolvedOptions;
  readonly events: EventHub<ClientEvents>;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: { readonly calls: number; retries: number };
  topology(): ClusterTopology | undefined;
  /** Sends a call whose wait is over. */
  send(call: Call): void;
  end(call: Call, error: SlotwiseError): void;
  /** From now on the call is not where the order of a link or queue would show its deadline. */
  watch(call: Call): void;
}

/** Waiting calls are looked at again after about this long, though nothing is known to have changed. */
const ROOM_POLL_MS = 150;

/** What a repetition needs to know. */
export interface Repetition {
  /** Whether a node had to deal with the call before, so that repeating it is charged to the budget. */
  readonly costs: boolean;
  /** What must change for another outcome; left out: time must pass. */
  readonly waitsFor?: WaitsFor | undefined;
}

/** When a call is sent again: after a pause, after a change, or when the retry budget allows; always inside its deadline. */
export class Retries {
  readonly #options: RetriesOptions;
  readonly #room: WaitingRoom;
  readonly #budget: RetryBudget;
  #closed = false;

  constructor(options: RetriesOptions) {
    const { clock, random } = options;
    const { commands, retries } = options.options;
    this.#options = options;
    this.#room = new WaitingRoom({
      maxPerShard: commands.maxWaitingPerShard,
      clock,
      pollMs: () => ROOM_POLL_MS * (0.5 + random()),
      shardOf: (slot): Shard | undefined => options.topology()?.shardOf(slot),
      release: (call) => this.#tryAgain(call),
    });
    this.#budget = new RetryBudget(retries, clock.nowMs());
  }

  /** Calls that wait for their shard to change. */
  get waiting(): number {
    return this.#room.size;
  }

  /** Repetitions that may be sent at once. */
  get tokens(): number {
    return this.#budget.tokens;
  }

  topologyChanged(): void {
    this.#room.topologyChanged();
  }

  nodeUsable(address: string): void {
    this.#room.nodeUsable(address);
  }

  close(): void {
    this.#closed = true;
    this.#room.close();
  }

  /** Lets a call wait until something has changed. */
  wait(call: Call, waitsFor: WaitsFor, reason: SlotwiseError): void {
    const { options } = this.#options;
    if (this.#closed) {
      this.#options.end(call, new ClientClosedError());
      return;
    }
    const trouble = (call.trouble ??= new Trouble());
    trouble.waitingFor = reason;
    trouble.wait = this.#room.enter(call, waitsFor);
    if (trouble.wait === undefined) {
      const { maxWaitingPerShard } = options.commands;
      this.#options.end(
        call,
        new QueueFullError(
          `Too many calls wait for a shard: commands.maxWaitingPerShard (${maxWaitingPerShard}). ${reason.message}`,
          { retryable: true, attempts: trouble.attempts },
        ),
      );
      return;
    }
    this.#options.watch(call);
  }

  /** Sends a call again when its time has come. What must change is waited for from the second time on. */
  later(call: Call, reason: SlotwiseError, { costs, waitsFor }: Repetition): void {
    const { events, options, counters } = this.#options;
    if (this.#closed) {
      this.#options.end(call, new ClientClosedError());
      return;
    }
    const trouble = (call.trouble ??= new Trouble());
    trouble.waitingFor = reason;
    trouble.repetitions++;
    if (trouble.attempts.length >= options.commands.maxAttempts) {
      this.#options.end(call, reason);
      return;
    }
    call.pinned = undefined;
    call.prelude = undefined;
    trouble.owesToken ||= costs;
    const delayMs = this.#backoffMs(trouble.repetitions);
    const last = trouble.attempts.at(-1);
    if (last !== undefined) {
      counters.retries++;
      events.emit('commandRetried', () => ({ command: call.spec.name, attempt: last, delayMs }));
    }
    if (waitsFor !== undefined && trouble.repetitions > 1) this.wait(call, waitsFor, reason);
    else this.#sendAfter(call, trouble, delayMs);
  }

  /** Sends a call after a pause that grows with `repetitions`. */
  pause(call: Call, repetitions: number): void {
    this.#sendAfter(call, (call.trouble ??= new Trouble()), this.#backoffMs(repetitions));
  }

  #backoffMs(repetitions: number): number {
    return fullJitterMs(repetitions, this.#options.options.retries, this.#options.random);
  }

  #sendAfter(call: Call, trouble: Trouble, delayMs: number): void {
    this.#options.watch(call);
    trouble.wait = this.#options.clock.schedule(delayMs, () => this.#tryAgain(call));
  }

  /** A wait is over. */
  #tryAgain(call: Call): void {
    const { trouble } = call;
    if (call.settled || trouble === undefined) return;
    trouble.wait = undefined;
    if (trouble.owesToken) {
      if (!this.#budget.take(this.#options.clock.nowMs(), this.#options.counters.calls)) {
        this.#waitForToken(call, trouble);
        return;
      }
      trouble.owesToken = false;
    }
    this.#options.send(call);
  }

  /** The cluster fails faster than it may be asked again: this call waits for its turn, inside its deadline. */
  #waitForToken(call: Call, trouble: Trouble): void {
    if (!(trouble.waitingFor instanceof RetryBudgetError)) {
      const { budgetBurst, budgetRatio, budgetPerSecond } = this.#options.options.retries;
      trouble.waitingFor = new RetryBudgetError(
        `${call.spec.name} was not repeated: the retry budget (burst ${budgetBurst}, ratio ${budgetRatio}, ${budgetPerSecond} per second) is used up; before that: ${trouble.waitingFor?.message}`,
        { cause: trouble.waitingFor, attempts: trouble.attempts, retryable: true },
      );
    }
    this.pause(call, ++trouble.repetitions);
  }
}
