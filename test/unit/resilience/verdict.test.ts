import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullJitterMs, judgeReply } from '../../../src/resilience/index.js';

describe('an error reply', () => {
  it.each([
    ['MOVED 1 a:1', 'redirect'],
    ['ASK 1 a:1', 'redirect'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'wait'],
    ['CLUSTERDOWN The cluster is down', 'wait'],
    ['LOADING Redis is loading the dataset in memory', 'reroute'],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'reroute'],
    ["READONLY You can't write against a read only replica.", 'reroute'],
    ['WRONGTYPE Operation against a key', 'reject'],
    ['NOAUTH Authentication required.', 'signIn'],
    ['BUSY Redis is busy running a script.', 'reroute'],
    ['MOVEDX', 'reject'],
    ['', 'reject'],
  ])('%s means %s', (message, action) => {
    expect(judgeReply(message, false).action).toBe(action);
  });

  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", 'no'],
    ['NOPERM this user has no permissions', 'no'],
    ["ERR unknown command 'x', with args beginning with:", 'no'],
    ["ERR wrong number of arguments for 'get' command", 'no'],
    ['WRONGTYPE Operation against a key', 'yes'],
    ['ERR value is not an integer or out of range', 'yes'],
  ])('%s says executed: %s', (message, executed) => {
    expect(judgeReply(message, false)).toMatchObject({ executed });
  });
});

describe('an error reply of a script', () => {
  it.each([
    ['TRYAGAIN later', 'reject'],
    ['MOVED on', 'reject'],
    ['LOADING my cart', 'reject'],
    ["READONLY You can't write against a read only replica. script: f1, on @user_script:1.", 'reject'],
    ['ERR syntax error script: 4c9, on @user_script:1.', 'reject'],
    ['MOVED 1 a:1', 'redirect'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'wait'],
    ['LOADING Valkey is loading the dataset in memory', 'reroute'],
  ])('%s means %s', (message, action) => {
    const verdict = judgeReply(message, true);
    expect(verdict.action).toBe(action);
    if (verdict.action === 'reject') expect(verdict.executed).toBe('yes');
  });
});

describe('a backoff with full jitter', () => {
  it('stays between nothing and its bound, which doubles up to the maximum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, drawn) => {
          const delayMs = fullJitterMs(failures, { baseMs: 10, maxMs: 500 }, () => drawn);
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(Math.min(500, 10 * 2 ** (failures - 1)));
        },
      ),
    );
    expect(fullJitterMs(1, { baseMs: 10, maxMs: 500 }, () => 0.5)).toBe(5);
    expect(fullJitterMs(3, { baseMs: 10, maxMs: 500 }, () => 0.5)).toBe(20);
  });
});
