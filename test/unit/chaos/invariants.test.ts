import { describe, expect, it } from 'vitest';
import {
  CommandTimeoutError,
  type Executed,
  InvalidArgumentError,
  InvariantError,
  LinkLostError,
} from '../../../src/index.js';
import {
  type CounterTally,
  type FailedCall,
  judgeCounter,
  judgeFailure,
  judgeHash,
  judgeIncrement,
  judgeLeftovers,
  judgeOpenCalls,
  judgeRead,
  type Violation,
  type WriteTally,
} from '../../chaos/support/invariants.js';
import { sequenceOf, valueOf } from '../../chaos/support/values.js';

const CALM = { mayFail: false, mayLose: false, mayDelay: false };
const FAILING = { mayFail: true, mayLose: false, mayDelay: false };
const LOSSY = { mayFail: true, mayLose: true, mayDelay: true };

function kinds(violations: readonly Violation[]): string[] {
  return violations.map(({ invariant }) => invariant);
}

describe('a value', () => {
  it('tells its key and its number, whole or not at all', () => {
    for (const sequence of [0, 1, 49, 50, 51, 100, 12_345]) {
      expect(sequenceOf('k', valueOf('k', sequence))).toBe(sequence);
    }
  });

  it('is not taken for one of another key, nor when it is cut, joined, or changed in the midst', () => {
    const long = valueOf('k', 50);
    expect(long.length).toBeGreaterThan(20_000);
    const wrong = [
      valueOf('other', 1),
      long.slice(0, -1),
      `${long}x`,
      `${long.slice(0, 9_000)}${long.slice(9_001)}a`,
      valueOf('k', 1) + valueOf('k', 2),
      'k#',
      'k#1',
      'k#-1#a',
      'k#1.5#a',
      '',
    ];
    for (const text of wrong) expect(sequenceOf('k', text), text.slice(0, 40)).toBeUndefined();
  });
});

describe('a counter', () => {
  const tally: CounterTally = { key: 'c', begun: 15, acknowledged: 10, certain: 7, maybe: 2 };

  it.each([
    [10, CALM, true],
    [12, CALM, true],
    [9, CALM, false],
    [13, CALM, false],
    [9, FAILING, false],
    [13, FAILING, false],
    [7, LOSSY, true],
    [6, LOSSY, false],
    [13, LOSSY, false],
    [Number.NaN, LOSSY, false],
  ])(
    'of 10 acknowledged, 7 certain and 2 maybe executed may be %d under %o: %s',
    (value, tolerance, isKept) => {
      expect(kinds(judgeCounter(tally, value, tolerance))).toEqual(isKept ? [] : ['counts']);
    },
  );

  it('is exact where no call failed', () => {
    const exact = { ...tally, maybe: 0 };
    expect(judgeCounter(exact, 10, CALM)).toEqual([]);
    expect(kinds(judgeCounter(exact, 11, CALM))).toEqual(['counts']);
  });

  it.each([0, 16, 1.5, '3', null])('never answers an INCR with %s', (reply) => {
    expect(kinds(judgeIncrement(tally, reply))).toEqual(['reads']);
    expect(judgeIncrement(tally, 15)).toEqual([]);
  });
});

describe('a read', () => {
  const tally: WriteTally = { key: 'k', begun: 8, certain: 5 };

  it('may give what was written, and old values only while others are under way', () => {
    expect(judgeRead(tally, valueOf('k', 5), 'no')).toEqual([]);
    expect(judgeRead(tally, valueOf('k', 8), 'no')).toEqual([]);
    expect(kinds(judgeRead(tally, valueOf('k', 4), 'no'))).toEqual(['reads']);
    expect(judgeRead(tally, valueOf('k', 4), 'old')).toEqual([]);
  });

  it('never gives a value that was not written yet, or to another key, or none', () => {
    for (const mayBeOld of ['no', 'old', 'old or none'] as const) {
      expect(kinds(judgeRead(tally, valueOf('k', 9), mayBeOld))).toEqual(['reads']);
      expect(kinds(judgeRead(tally, valueOf('other', 3), mayBeOld))).toEqual(['reads']);
      expect(kinds(judgeRead(tally, 'OK', mayBeOld))).toEqual(['reads']);
    }
  });

  it('finds the key, unless a replica is empty', () => {
    expect(kinds(judgeRead(tally, null, 'no'))).toEqual(['reads']);
    expect(kinds(judgeRead(tally, null, 'old'))).toEqual(['reads']);
    expect(judgeRead(tally, null, 'old or none')).toEqual([]);
  });

  it('of a hash gives the fields of one write', () => {
    const at = (one: number, two: number): Record<string, string> => ({
      one: valueOf('k', one),
      two: valueOf('k', two),
    });
    const names = ['one', 'two'];
    expect(judgeHash(tally, names, at(6, 6), 'no')).toEqual([]);
    expect(kinds(judgeHash(tally, names, at(6, 7), 'no'))).toEqual(['reads']);
    expect(kinds(judgeHash(tally, names, at(9, 9), 'no'))).toEqual(['reads']);
    expect(kinds(judgeHash(tally, names, { one: valueOf('k', 6) }, 'no'))).toEqual(['reads']);
    expect(kinds(judgeHash(tally, names, { ...at(6, 6), three: valueOf('k', 6) }, 'no'))).toEqual(['reads']);
    expect(kinds(judgeHash(tally, names, {}, 'old'))).toEqual(['reads']);
    expect(judgeHash(tally, names, {}, 'old or none')).toEqual([]);
  });
});

describe('a failure', () => {
  const call: Omit<FailedCall, 'error'> = {
    what: 'SET k',
    deadlineMs: 10_000,
    beganAfterRecovery: false,
    isImpatient: false,
    isRepeatable: false,
    elapsedMs: 3_000,
  };
  const error = new LinkLostError('lost', { executed: 'maybe' });

  it('is borne during a fault that allows it, and not after recovery', () => {
    expect(judgeFailure({ ...call, error }, FAILING)).toEqual([]);
    expect(kinds(judgeFailure({ ...call, error, beganAfterRecovery: true }, FAILING))).toEqual(['recovers']);
  });

  it('comes before the deadline only when the call was sent and must not be sent twice', () => {
    const unsent = new LinkLostError('lost', { executed: 'no' });
    const again = { ...call, error, isRepeatable: true };
    expect(kinds(judgeFailure(again, LOSSY))).toEqual(['perseveres']);
    expect(kinds(judgeFailure({ ...call, error: unsent }, LOSSY))).toEqual(['perseveres']);
    for (const late of [again, { ...call, error: unsent }]) {
      expect(judgeFailure({ ...late, elapsedMs: call.deadlineMs }, LOSSY)).toEqual([]);
      expect(judgeFailure({ ...late, isImpatient: true }, LOSSY)).toEqual([]);
    }
  });

  it('is not borne while the servers manage without', () => {
    expect(kinds(judgeFailure({ ...call, error }, CALM))).toEqual(['unharmed']);
  });

  it('is a matter of course when the caller had no patience', () => {
    const impatient = { ...call, error: new CommandTimeoutError('late'), isImpatient: true };
    expect(judgeFailure(impatient, CALM)).toEqual([]);
    expect(judgeFailure({ ...impatient, beganAfterRecovery: true }, FAILING)).toEqual([]);
  });

  it.each([
    ['a plain Error', new Error('read ECONNRESET')],
    ['no error at all', undefined],
    ['an error that blames the caller', new InvalidArgumentError('no such command')],
    ['a contradiction of the client itself', new InvariantError('a defect')],
    [
      'an error that does not know whether it was executed',
      new LinkLostError('x', { executed: '?' as Executed }),
    ],
  ])('is never %s', (_, thrown) => {
    for (const isImpatient of [false, true]) {
      expect(kinds(judgeFailure({ ...call, error: thrown, isImpatient }, LOSSY))).toEqual(['errors']);
    }
  });
});

describe('an open call', () => {
  it('is one too many when the event loop has turned often enough since its deadline', () => {
    const open = { what: 'GET k', deadlineMs: 100, openForMs: 60_000 };
    expect(judgeOpenCalls([{ ...open, turnsLate: 20 }], 20)).toEqual([]);
    expect(kinds(judgeOpenCalls([{ ...open, turnsLate: 21 }], 20))).toEqual(['settles']);
  });
});

describe('after the end', () => {
  it('no link and no process is left', () => {
    expect(judgeLeftovers({ links: [], pids: [] })).toEqual([]);
    expect(kinds(judgeLeftovers({ links: ['id=3 name=chaos-1'], pids: [17] }))).toEqual([
      'leaves nothing',
      'leaves nothing',
    ]);
  });
});
