import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClusterClient } from '../../../src/index.js';
import type { Random } from '../../../src/support/index.js';
import { between, oneOf } from './draw.js';
import { judgeHash, judgeIncrement, judgeRead, type Violation } from './invariants.js';
import type { Journal, Step } from './journal.js';
import { FIELDS, type Register, registers } from './registers.js';
import { valueOf } from './values.js';

/** The deadline of nearly all calls, in milliseconds: long enough to wait for a promotion. */
export const PATIENT_MS = 10_000;
/** All that the load does may be done twice, but for counting. */
const PATIENT = { deadlineMs: PATIENT_MS, isRepeatable: true };
const IMPATIENT_MS = { least: 20, most: 400 };
/** Between two turns of a loop, so that the load leaves the machine some room. */
const PAUSE_MS = { least: 5, most: 25 };

const WRITERS = 6;
const REGISTERS_PER_WRITER = 8;
const MULTI_WRITERS = 2;
const REGISTERS_PER_MULTI_WRITER = 12;
const HASH_WRITERS = 2;
const REGISTERS_PER_HASH_WRITER = 6;
const READERS = 6;
const MULTI_READERS = 2;
const KEYS_PER_MULTI_READ = 8;
const COUNTERS = 16;
const COUNTING_LOOPS = 6;
const MAX_BURST = 4;
const IMPATIENT_LOOPS = 2;

/** What a loop does in one turn. */
type Turn = (step: Step) => Promise<unknown>;

/**
 * An application at work on one client, in many loops. Each key is written by one loop only, each value tells its key
 * and its number, and every call is written down with its outcome.
 */
export class Load {
  /** Every key with a value, to be compared in the end. */
  readonly registers: readonly Register[];
  readonly #client: ClusterClient;
  readonly #journal: Journal;
  readonly #random: Random;
  readonly #ending = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();

  constructor(client: ClusterClient, journal: Journal, random: Random) {
    // Every loop listens.
    setMaxListeners(0, this.#ending.signal);
    this.#client = client;
    this.#journal = journal;
    this.#random = random;
    this.registers = [
      ...registers('set', WRITERS * REGISTERS_PER_WRITER),
      ...registers('mset', MULTI_WRITERS * REGISTERS_PER_MULTI_WRITER),
      ...registers('hset', HASH_WRITERS * REGISTERS_PER_HASH_WRITER, 'hash'),
    ];
  }

  /** Writes the first value of every key. */
  async prepare(): Promise<void> {
    await Promise.all(
      this.registers.map(async (register) => {
        const sequence = register.next();
        await this.#write(register, sequence);
        register.acknowledged(sequence, true);
      }),
    );
  }

  start(): void {
    const texts = this.registers.filter(({ kind }) => kind === 'text');
    const hashes = this.registers.filter(({ kind }) => kind === 'hash');
    const turns: Turn[] = [
      ...share('chaos:set:', this.registers, WRITERS).map((own) => this.#set(own)),
      ...share('chaos:mset:', this.registers, MULTI_WRITERS).map((own) => this.#mset(own)),
      ...share('chaos:hset:', this.registers, HASH_WRITERS).map((own) => this.#hset(own)),
      ...Array.from({ length: READERS }, (_, i) => this.#get(texts, i % 2 === 0)),
      ...Array.from({ length: MULTI_READERS }, (_, i) => this.#mget(texts, i % 2 === 0)),
      this.#hgetall(hashes, false),
      this.#hgetall(hashes, true),
      ...Array.from({ length: COUNTING_LOOPS }, () => this.#count()),
      ...Array.from({ length: IMPATIENT_LOOPS }, () => this.#countImpatiently()),
    ];
    this.#loops = Promise.all(turns.map((turn) => this.#loop(turn)));
  }

  /** Begins nothing any more, and resolves when everything under way has ended. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#loops;
  }

  async #loop(turn: Turn): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await turn(this.#journal.current);
      await pause(between(this.#random, PAUSE_MS.least, PAUSE_MS.most), undefined, { signal }).catch(
        // Told to end: the condition of the loop sees it.
        () => undefined,
      );
    }
  }

  #write(register: Register, sequence: number): Promise<unknown> {
    const { key, kind } = register;
    const value = valueOf(key, sequence);
    return kind === 'text'
      ? this.#client.set(key, value)
      : this.#client.hset(key, Object.fromEntries(FIELDS.map((name) => [name, value])));
  }

  #set(own: readonly Register[]): Turn {
    return (step) => this.#writeOne(step, 'SET', own);
  }

  #hset(own: readonly Register[]): Turn {
    return (step) => this.#writeOne(step, 'HSET', own);
  }

  async #writeOne(step: Step, kind: string, own: readonly Register[]): Promise<void> {
    const register = oneOf(this.#random, own);
    const sequence = register.next();
    const plan = { kind, key: register.key, ...PATIENT };
    const outcome = await step.run(plan, () => this.#write(register, sequence));
    if (outcome.ok) register.acknowledged(sequence, outcome.isLast);
  }

  #mset(own: readonly Register[]): Turn {
    return async (step) => {
      const writes = own.map((register) => ({ register, sequence: register.next() }));
      const values = writes.map(({ register: { key }, sequence }) => [key, valueOf(key, sequence)]);
      const plan = { kind: 'MSET', key: keysText(own), ...PATIENT };
      const outcome = await step.run(plan, () => this.#client.mset(Object.fromEntries(values)));
      if (!outcome.ok) return;
      for (const { register, sequence } of writes) register.acknowledged(sequence, outcome.isLast);
    };
  }

  #get(all: readonly Register[], fromReplicas: boolean): Turn {
    const client = this.#reader(fromReplicas);
    return async (step) => {
      const register = oneOf(this.#random, all);
      const plan = { kind: kindOf('GET', fromReplicas), key: register.key, ...PATIENT };
      const outcome = await step.run(plan, () => client.get(register.key));
      if (outcome.ok) judgeText(step, plan.kind, register, outcome.reply, fromReplicas);
    };
  }

  #mget(all: readonly Register[], fromReplicas: boolean): Turn {
    const client = this.#reader(fromReplicas);
    return async (step) => {
      const wanted = Array.from({ length: KEYS_PER_MULTI_READ }, () => oneOf(this.#random, all));
      const plan = { kind: kindOf('MGET', fromReplicas), key: keysText(wanted), ...PATIENT };
      const outcome = await step.run(plan, () => client.mget(wanted.map(({ key }) => key)));
      if (!outcome.ok) return;
      wanted.forEach((register, i) => {
        judgeText(step, plan.kind, register, outcome.reply[i] ?? null, fromReplicas);
      });
    };
  }

  #hgetall(all: readonly Register[], fromReplicas: boolean): Turn {
    const client = this.#reader(fromReplicas);
    return async (step) => {
      const register = oneOf(this.#random, all);
      const plan = { kind: kindOf('HGETALL', fromReplicas), key: register.key, ...PATIENT };
      const outcome = await step.run(plan, () => client.hgetall(register.key));
      if (!outcome.ok) return;
      if (Object.keys(outcome.reply).length === 0) judgeText(step, plan.kind, register, null, fromReplicas);
      else step.report(asReadBy(plan.kind, judgeHash(register, FIELDS, outcome.reply, 'old')));
    };
  }

  #count(): Turn {
    return async (step) => {
      const burst = between(this.#random, 1, MAX_BURST);
      await Promise.all(
        Array.from({ length: burst }, () => this.#increment(step, PATIENT_MS, this.#client, false)),
      );
    };
  }

  /** Half by a short deadline, half by a signal: what is given up may be on its way. */
  #countImpatiently(): Turn {
    return async (step) => {
      if (!step.tolerance.mayFail) return;
      const patienceMs = between(this.#random, IMPATIENT_MS.least, IMPATIENT_MS.most);
      if (this.#random() < 0.5) {
        await this.#increment(step, patienceMs, this.#client.with({ timeoutMs: patienceMs }), true);
        return;
      }
      const giveUp = new AbortController();
      const timer = setTimeout(() => giveUp.abort(), patienceMs);
      await this.#increment(step, patienceMs, this.#client.with({ signal: giveUp.signal }), true);
      clearTimeout(timer);
    };
  }

  async #increment(
    step: Step,
    deadlineMs: number,
    client: Pick<ClusterClient, 'incr'>,
    isImpatient: boolean,
  ): Promise<void> {
    const key = `chaos:count:${step.number}:${between(this.#random, 0, COUNTERS - 1)}`;
    const tally = step.counter(key);
    tally.begun++;
    const outcome = await step.run({ kind: 'INCR', key, deadlineMs, isImpatient, isRepeatable: false }, () =>
      client.incr(key),
    );
    if (!outcome.ok) {
      // Whether the error may say so is judged by what the counter is in the end.
      if (!isCertainlyNotExecuted(outcome.error)) tally.maybe++;
      return;
    }
    tally.acknowledged++;
    if (outcome.isKept) tally.certain++;
    step.report(judgeIncrement(tally, outcome.reply));
  }

  #reader(fromReplicas: boolean): ClusterClient {
    return fromReplicas ? this.#client.with({ readFrom: 'preferReplica' }) : this.#client;
  }
}

/** Each loop's own keys. */
function share(prefix: string, all: readonly Register[], loops: number): Register[][] {
  const own = all.filter(({ key }) => key.startsWith(prefix));
  return Array.from({ length: loops }, (_, loop) => own.filter((_register, i) => i % loops === loop));
}

/** While calls are in flight an earlier value is no wonder: a replica follows when it can. */
function judgeText(
  step: Step,
  kind: string,
  register: Register,
  text: string | null,
  fromReplicas: boolean,
): void {
  const mayMiss = fromReplicas && step.replicasMayMiss;
  if (text === null && mayMiss) step.missed();
  step.report(asReadBy(kind, judgeRead(register, text, mayMiss ? 'old or none' : 'old')));
}

function asReadBy(kind: string, violations: readonly Violation[]): Violation[] {
  return violations.map(({ invariant, message }) => ({ invariant, message: `${kind}: ${message}` }));
}

function kindOf(command: string, fromReplicas: boolean): string {
  return fromReplicas ? `${command} (replicas)` : command;
}

function keysText(all: readonly Register[]): string {
  return `${all[0]?.key ?? 'nothing'} and ${all.length - 1} more`;
}

function isCertainlyNotExecuted(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'executed' in error && error.executed === 'no';
}
