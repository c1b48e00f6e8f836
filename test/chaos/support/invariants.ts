import { InvariantError, SlotwiseError, UsageError } from '../../../src/index.js';
import { excerpt, sequenceOf } from './values.js';

/** What a client must keep whatever happens to the servers. */
export type Invariant =
  /** No call is unsettled after its deadline. */
  | 'settles'
  /** A counter ends between what was acknowledged and that plus what may have been executed. */
  | 'counts'
  /** What is read was written, to this key, and acknowledged writes stay. */
  | 'reads'
  /** Errors are Slotwise's own, and none of them blames the caller or the client itself. */
  | 'errors'
  /** What the servers can bear without an error, the client bears without an error. */
  | 'unharmed'
  /** What was certainly not executed, or may be executed twice, is sent again until its deadline. */
  | 'perseveres'
  /** Once the servers are well, every key can be read and written again. */
  | 'recovers'
  /** Nothing stays behind. */
  | 'leaves nothing';

/** An invariant that did not hold. */
export interface Violation {
  readonly invariant: Invariant;
  readonly message: string;
}

/** What may happen to calls while a fault is there. */
export interface Tolerance {
  /** Calls may end with an error. */
  readonly mayFail: boolean;
  /** The servers may lose writes that they acknowledged: replication is asynchronous. */
  readonly mayLose: boolean;
  /**
   * What a client gave up waiting for may arrive much later, after later writes: a repeated SET may bring an old value
   * back. INCRs are only counted, so their order does not matter.
   */
  readonly mayDelay: boolean;
}

/** What a client was told about one counter. */
export interface CounterTally {
  readonly key: string;
  /** INCRs begun. */
  readonly begun: number;
  /** INCRs that were answered. */
  readonly acknowledged: number;
  /** Those of them that no fault can have undone: answered, and copied to a replica, while the servers were well. */
  readonly certain: number;
  /** INCRs that failed with `executed: 'maybe'` or `'yes'`. */
  readonly maybe: number;
}

/** The counter's value on its server, against what the client was told. */
export function judgeCounter(tally: CounterTally, value: number, { mayLose }: Tolerance): Violation[] {
  const { key, acknowledged, certain, maybe } = tally;
  const least = mayLose ? certain : acknowledged;
  const most = acknowledged + maybe;
  if (value >= least && value <= most) return [];
  const told = `${acknowledged} acknowledged, ${certain} of them certainly kept, ${maybe} maybe executed`;
  const what = value > most ? 'more than was ever told' : 'less than was acknowledged';
  return [{ invariant: 'counts', message: `${key} is ${value}, ${what}: ${told}` }];
}

/** The reply of one INCR. */
export function judgeIncrement({ key, begun }: CounterTally, reply: unknown): Violation[] {
  if (typeof reply === 'number' && Number.isInteger(reply) && reply >= 1 && reply <= begun) return [];
  return [{ invariant: 'reads', message: `INCR ${key} gave ${String(reply)} after ${begun} INCRs` }];
}

/** What has been written to a key by its only writer. */
export interface WriteTally {
  readonly key: string;
  /** The last value that was begun to be written. */
  readonly begun: number;
  /** The last value that no fault can have undone. */
  readonly certain: number;
}

/**
 * A value as it was read.
 * @param text - null: there is no such key
 * @param mayBeOld - whether an earlier value, or on an empty replica none, is no wonder
 */
export function judgeRead(
  { key, begun, certain }: WriteTally,
  text: string | null,
  mayBeOld: 'no' | 'old' | 'old or none',
): Violation[] {
  if (text === null) {
    if (mayBeOld === 'old or none') return [];
    return [{ invariant: 'reads', message: `${key} is not there, though it was written` }];
  }
  const sequence = sequenceOf(key, text);
  if (sequence === undefined) {
    return [{ invariant: 'reads', message: `${key} is ${excerpt(text)}, which nobody ever wrote there` }];
  }
  if (sequence > begun) {
    return [{ invariant: 'reads', message: `${key} is value ${sequence}, but only ${begun} were written` }];
  }
  if (mayBeOld === 'no' && sequence < certain) {
    return [
      {
        invariant: 'reads',
        message: `${key} is value ${sequence}, though ${certain} was acknowledged and kept`,
      },
    ];
  }
  return [];
}

/** Fields that are always written together must be of one write, and each as {@link judgeRead} says. */
export function judgeHash(
  tally: WriteTally,
  names: readonly string[],
  fields: Readonly<Record<string, string>>,
  mayBeOld: 'no' | 'old' | 'old or none',
): Violation[] {
  const { key } = tally;
  if (Object.keys(fields).length === 0) return judgeRead(tally, null, mayBeOld);
  const found = Object.keys(fields).toSorted().join(', ');
  if (found !== names.toSorted().join(', ')) {
    return [{ invariant: 'reads', message: `${key} has the fields ${found}, not ${names.join(', ')}` }];
  }
  const wrong = names.flatMap((name) => judgeRead(tally, fields[name] as string, mayBeOld));
  const sequences = new Set(names.map((name) => sequenceOf(key, fields[name] as string)));
  if (wrong.length > 0 || sequences.size === 1) return wrong.slice(0, 1);
  const torn = [...sequences].join(', ');
  return [{ invariant: 'reads', message: `${key} has fields of the writes ${torn} at the same time` }];
}

/** What a call was, for messages. */
export interface CallView {
  /** `INCR count:1`, at most some keys. */
  readonly what: string;
  readonly deadlineMs: number;
}

/** A call that failed. */
export interface FailedCall extends CallView {
  readonly error: unknown;
  /** Begun when the servers were well again and a first round of calls had succeeded. */
  readonly beganAfterRecovery: boolean;
  /** The caller gave it less time than an undisturbed call may need, or took it back. */
  readonly isImpatient: boolean;
  /** Sending it twice does no harm. */
  readonly isRepeatable: boolean;
  readonly elapsedMs: number;
}

/** Clocks that tick in milliseconds, and are looked at every so often, may end a call a little before its time. */
const EARLY_MS = 50;
const EXECUTED: readonly unknown[] = ['no', 'maybe', 'yes'];

/** An error, and whether there may be one at all. */
export function judgeFailure(call: FailedCall, { mayFail }: Tolerance): Violation[] {
  const { what, error, beganAfterRecovery, isImpatient } = call;
  if (!(error instanceof SlotwiseError)) {
    return [{ invariant: 'errors', message: `${what} rejected with ${describe(error)}, no SlotwiseError` }];
  }
  if (error instanceof UsageError || error instanceof InvariantError) {
    return [{ invariant: 'errors', message: `${what} rejected with ${describe(error)}` }];
  }
  if (!EXECUTED.includes(error.executed)) {
    return [{ invariant: 'errors', message: `${what}: executed is ${error.executed} in ${describe(error)}` }];
  }
  if (isImpatient) return [];
  if (!mayFail) return [{ invariant: 'unharmed', message: `${what} rejected with ${describe(error)}` }];
  const isEarly = call.elapsedMs < call.deadlineMs - EARLY_MS;
  if (isEarly && (call.isRepeatable || error.executed === 'no')) {
    const when = `after ${Math.round(call.elapsedMs)} of ${call.deadlineMs} ms`;
    return [{ invariant: 'perseveres', message: `${what} gave up ${when} with ${describe(error)}` }];
  }
  if (!beganAfterRecovery) return [];
  return [
    { invariant: 'recovers', message: `${what}, begun after recovery, rejected with ${describe(error)}` },
  ];
}

function describe(error: unknown): string {
  if (!(error instanceof SlotwiseError)) return String(error);
  const attempts = error.attempts.slice(-4).map(({ node, outcome }) => `${node} ${outcome}`);
  const tried = attempts.length === 0 ? 'no attempt' : `last attempts: ${attempts.join('; ')}`;
  return `${error.name} (executed: ${error.executed}, ${tried}): ${error.message}`;
}

/** A call that has not settled. */
export interface OpenCall extends CallView {
  readonly openForMs: number;
  /** How often the event loop has turned, at least a fixed time apart each, since the deadline passed. */
  readonly turnsLate: number;
}

/** Calls that had every chance to settle: a blocked event loop makes no turns, and is nobody's fault. */
export function judgeOpenCalls(calls: readonly OpenCall[], turnsAllowed: number): Violation[] {
  return calls
    .filter(({ turnsLate }) => turnsLate > turnsAllowed)
    .map(({ what, openForMs, deadlineMs }) => ({
      invariant: 'settles',
      message: `${what} is unsettled after ${Math.round(openForMs)} ms, with a deadline of ${deadlineMs} ms`,
    }));
}

/** What was found after everything had been closed. */
export interface Leftovers {
  /** Lines of CLIENT LIST with the client's name, over all servers. */
  readonly links: readonly string[];
  /** Processes of servers that still run. */
  readonly pids: readonly number[];
}

export function judgeLeftovers({ links, pids }: Leftovers): Violation[] {
  const left = [
    ...links.map((line) => `a link of the closed client: ${line}`),
    ...pids.map((pid) => `the server process ${pid}`),
  ];
  return left.map((message) => ({ invariant: 'leaves nothing', message }));
}
