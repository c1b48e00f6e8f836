import { describe, expect, it } from 'vitest';
import { commandSpec, mergeReplies } from '../../../src/commands/index.js';
import { InvariantError, ReplyError } from '../../../src/errors/index.js';
import { seededRandom } from '../../../src/support/index.js';

const random = seededRandom(1);
const failure = new ReplyError('NOTBUSY No scripts in execution right now.');

function merge(name: string, ...outcomes: unknown[]): unknown {
  return mergeReplies(commandSpec(name), outcomes, random);
}

describe('mergeReplies', () => {
  it('adds up counts', () => {
    expect(merge('dbsize', 1, 20, 300)).toBe(321);
    expect(merge('slowlog|len', 4)).toBe(4);
  });

  it('takes the least', () => {
    expect(merge('wait', 3, 1, 2)).toBe(1);
  });

  it('takes the greatest, and either truth, where a server should ask for it', () => {
    const greatest = { ...commandSpec('dbsize'), responsePolicy: 'agg_max' as const };
    const either = { ...commandSpec('dbsize'), responsePolicy: 'agg_logical_or' as const };
    expect(mergeReplies(greatest, [3, 9, 2], random)).toBe(9);
    expect(mergeReplies(either, [0, 1], random)).toBe(1);
    expect(mergeReplies(either, [0, 0], random)).toBe(0);
  });

  it('calls a script known where every shard knows it, place by place', () => {
    expect(merge('script|exists', [1, 1, 0], [1, 0, 0])).toEqual([1, 0, 0]);
  });

  it('joins arrays of commands without a policy', () => {
    expect(merge('keys', ['a', 'b'], [], ['c'])).toEqual(['a', 'b', 'c']);
    expect(merge('slowlog|get', [[1, 2]], [[3, 4]])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('is content with one success where the policy is', () => {
    expect(merge('script|kill', failure, 'OK', failure)).toBe('OK');
    expect(() => merge('script|kill', failure, failure)).toThrow(failure);
  });

  it('otherwise throws the first failure', () => {
    expect(merge('flushall', 'OK', 'OK')).toBe('OK');
    expect(() => merge('flushall', 'OK', failure, new Error('second'))).toThrow(failure);
    expect(() => merge('dbsize', 1, failure)).toThrow(failure);
    expect(() => merge('keys', failure, [])).toThrow(failure);
  });

  it('draws a random key from the shards that have one', () => {
    expect(merge('randomkey', null, 'a', null)).toBe('a');
    expect(merge('randomkey', null, null)).toBeNull();
    const drawn = Array.from({ length: 100 }, () => merge('randomkey', 'a', null, 'b'));
    expect(new Set(drawn)).toEqual(new Set(['a', 'b']));
  });

  it('cannot merge nothing', () => {
    expect(() => merge('dbsize')).toThrow(InvariantError);
  });
});
