import { SlotwiseError } from '../../../src/index.js';
import {
  type CounterTally,
  type FailedCall,
  judgeFailure,
  judgeOpenCalls,
  type OpenCall,
  type Tolerance,
  type Violation,
} from './invariants.js';

/** The same mistake a thousand times is no news. */
const MAX_VIOLATIONS_PER_STEP = 8;
/** The event loop must have turned so often since a call's deadline before the call counts as unsettled. */
const TURNS_ALLOWED = 20;
/** Least time between two turns that count. */
const TURN_MS = 100;

/** `calm`: the servers are well, and what they acknowledge stays. `disturbed`: from shortly before the fault until recovery. */
export type Phase = 'calm' | 'disturbed' | 'recovered';

/** What a call is to the journal. */
export interface CallPlan {
  readonly kind: string;
  readonly key: string;
  readonly deadlineMs: number;
  /** Given less time than an undisturbed call may need, or taken back. */
  readonly isImpatient?: boolean;
  /** Sending it twice does no harm. */
  readonly isRepeatable: boolean;
}

/**
 * How a call ended. `isKept`: no fault can have undone what the server acknowledged; `isLast`: nor can an earlier write
 * of the same key, given up by the client, have come after it.
 */
export type Outcome<T> =
  | { readonly ok: true; readonly reply: T; readonly isKept: boolean; readonly isLast: boolean }
  | { readonly ok: false; readonly error: unknown };

/** Counts of one step. */
export interface StepTotals {
  readonly calls: number;
  /** Failed calls of callers that had patience. */
  readonly failures: number;
  /** Calls that were given up before their time. */
  readonly givenUp: number;
  /** {@link StepTotals.failures} by code and whether they may have been executed. */
  readonly byCode: ReadonlyMap<string, number>;
  readonly slowestMs: number;
  /** Reads that a replica answered with nothing although the key was there. */
  readonly misses: number;
}

interface Open {
  readonly plan: CallPlan;
  readonly beganAtMs: number;
  turnsLate: number;
  isReported: boolean;
}

type MutableTally = { -readonly [K in keyof CounterTally]: CounterTally[K] };

/** What the client was asked, and what it said, between two faults: the calls begun there, however late they end. */
export class Step {
  readonly number: number;
  readonly name: string;
  readonly tolerance: Tolerance;
  /** Replicas answer for keys that they do not have. */
  readonly replicasMayMiss: boolean;
  readonly counters: Map<string, MutableTally> = new Map();
  readonly violations: Violation[] = [];
  readonly #open = new Set<Open>();
  readonly #byCode = new Map<string, number>();
  #phase: Phase = 'calm';
  #calls = 0;
  #failures = 0;
  #givenUp = 0;
  #answeredInPhase = 0;
  #slowestMs = 0;
  #suppressed = 0;
  #misses = 0;

  constructor(number: number, name: string, tolerance: Tolerance, replicasMayMiss: boolean) {
    this.number = number;
    this.name = name;
    this.tolerance = tolerance;
    this.replicasMayMiss = replicasMayMiss;
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
    this.#phase = phase;
    this.#answeredInPhase = 0;
  }

  /** Calls that were answered without an error since the phase began. */
  get answeredInPhase(): number {
    return this.#answeredInPhase;
  }

  /** Calls that have not settled. */
  get open(): number {
    return this.#open.size;
  }

  get totals(): StepTotals {
    return {
      calls: this.#calls,
      failures: this.#failures,
      givenUp: this.#givenUp,
      byCode: this.#byCode,
      slowestMs: this.#slowestMs,
      misses: this.#misses,
    };
  }

  /** Violations left out of {@link Step.violations} because there were too many. */
  get suppressed(): number {
    return this.#suppressed;
  }

  counter(key: string): MutableTally {
    const tally = this.counters.get(key) ?? { key, begun: 0, acknowledged: 0, certain: 0, maybe: 0 };
    this.counters.set(key, tally);
    return tally;
  }

  /** A replica answered with nothing, and there is no blaming it. */
  missed(): void {
    this.#misses++;
  }

  report(violations: readonly Violation[]): void {
    for (const violation of violations) {
      if (this.violations.length < MAX_VIOLATIONS_PER_STEP) this.violations.push(violation);
      else this.#suppressed++;
    }
  }

  /** Makes a call and writes down how it ended. Never rejects. */
  async run<T>(plan: CallPlan, call: () => Promise<T>): Promise<Outcome<T>> {
    const open: Open = { plan, beganAtMs: performance.now(), turnsLate: 0, isReported: false };
    const beganIn = this.#phase;
    this.#calls++;
    this.#open.add(open);
    try {
      const reply = await call();
      this.#answeredInPhase++;
      const { mayLose, mayDelay } = this.tolerance;
      const isCalm = beganIn === this.#phase && beganIn !== 'disturbed';
      return { ok: true, reply, isKept: isCalm || !mayLose, isLast: isCalm || !(mayLose || mayDelay) };
    } catch (error) {
      this.#failed({
        what: whatIs(plan),
        deadlineMs: plan.deadlineMs,
        error,
        beganAfterRecovery: beganIn === 'recovered',
        isImpatient: plan.isImpatient ?? false,
        isRepeatable: plan.isRepeatable,
        elapsedMs: performance.now() - open.beganAtMs,
      });
      return { ok: false, error };
    } finally {
      this.#open.delete(open);
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - open.beganAtMs);
    }
  }

  /** One turn of the event loop: reports calls that are unsettled though they had every chance to settle. */
  turn(): void {
    const nowMs = performance.now();
    for (const open of this.#open) {
      if (nowMs - open.beganAtMs > open.plan.deadlineMs) open.turnsLate++;
      const unsettled = open.isReported ? [] : judgeOpenCalls([viewOf(open, nowMs)], TURNS_ALLOWED);
      if (unsettled.length > 0) open.isReported = true;
      this.report(unsettled);
    }
  }

  #failed(call: FailedCall): void {
    const { error, isImpatient } = call;
    this.report(judgeFailure(call, this.tolerance));
    if (isImpatient) {
      this.#givenUp++;
      return;
    }
    this.#failures++;
    const code = error instanceof SlotwiseError ? `${error.code} ${error.executed}` : String(error);
    this.#byCode.set(code, 1 + (this.#byCode.get(code) ?? 0));
  }
}

function whatIs({ kind, key }: CallPlan): string {
  return `${kind} ${key}`;
}

function viewOf({ plan, beganAtMs, turnsLate }: Open, nowMs: number): OpenCall {
  return {
    what: whatIs(plan),
    deadlineMs: plan.deadlineMs,
    openForMs: nowMs - beganAtMs,
    turnsLate,
  };
}

/** The steps of a round, and the watch over their calls. */
export class Journal {
  readonly steps: Step[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => {
      for (const step of this.steps) if (step.open > 0) step.turn();
    }, TURN_MS);
    this.begin('before the first fault', { mayFail: false, mayLose: false, mayDelay: false }, false);
  }

  /** The step that calls belong to which begin now. */
  get current(): Step {
    return this.steps.at(-1) as Step;
  }

  begin(name: string, tolerance: Tolerance, replicasMayMiss: boolean): Step {
    const step = new Step(this.steps.length, name, tolerance, replicasMayMiss);
    this.steps.push(step);
    return step;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
