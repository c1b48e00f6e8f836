import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type AttemptRecord,
  CommandTimeoutError,
  ConnectError,
  InvalidOptionsError,
  LinkError,
  LinkLostError,
  ReplyError,
  SeedsExhaustedError,
  SlotwiseError,
  UsageError,
} from '../../../src/errors/index.js';
import type * as errors from '../../../src/errors/index.js';
import { samples } from './samples.js';

describe('an error', () => {
  it('claims nothing by default: no attempt, not executed, not worth repeating', () => {
    expect(new LinkLostError('lost')).toMatchObject({ attempts: [], executed: 'no', retryable: false });
  });

  it('carries what it was given', () => {
    const attempts: AttemptRecord[] = [{ node: '10.0.0.1:6379', outcome: 'link lost', durationMs: 12 }];
    const cause = new Error('ECONNRESET');
    const error = new LinkLostError('lost', { cause, attempts, executed: 'maybe', retryable: true });
    expect(error).toMatchObject({ cause, attempts, executed: 'maybe', retryable: true });
  });

  it('has no own cause when none was given', () => {
    expect(Object.hasOwn(new ConnectError('no'), 'cause')).toBe(false);
  });

  it('shows its class and message when printed', () => {
    expect(String(new CommandTimeoutError('too late'))).toBe('CommandTimeoutError: too late');
  });
});

describe('a reply error', () => {
  it('begins with the server’s words and takes their first as its prefix', () => {
    const error = new ReplyError('WRONGTYPE Operation against a key');
    expect(error.message.startsWith('WRONGTYPE Operation')).toBe(true);
    expect(error.prefix).toBe('WRONGTYPE');
  });

  it('takes a reply of one word as the prefix', () => {
    expect(new ReplyError('TRYAGAIN').prefix).toBe('TRYAGAIN');
  });
});

describe('an options error', () => {
  it('puts a single problem on one line', () => {
    const error = new InvalidOptionsError([{ path: 'seeds[1]', message: 'expected host:port' }]);
    expect(error.message).toBe('Invalid option seeds[1]: expected host:port');
  });

  it('lists every problem at once', () => {
    const problems = [
      { path: 'seeds', message: 'expected at least one' },
      { path: 'commands.timeoutMs', message: 'expected more than 0, found -1' },
    ];
    const error = new InvalidOptionsError(problems);
    expect(error.problems).toEqual(problems);
    expect(error.message).toContain('seeds: expected at least one');
    expect(error.message).toContain('commands.timeoutMs: expected more than 0, found -1');
  });
});

describe('an error of exhausted seeds', () => {
  it('holds one error per seed, names each seed, and is worth repeating', () => {
    const failures = [
      { seed: 'a:6379', error: new ConnectError('refused') },
      { seed: 'b:6379', error: new ConnectError('no such name') },
    ];
    const error = new SeedsExhaustedError(failures);
    expect(error.failures).toEqual(failures);
    expect(error.cause).toBe(failures[0]?.error);
    expect(error.retryable).toBe(true);
    expect(error.message).toContain('a:6379: refused');
    expect(error.message).toContain('b:6379: no such name');
  });

  it('says so when there was no seed to ask', () => {
    expect(new SeedsExhaustedError([]).message).toContain('no seed');
  });
});

describe('instanceof', () => {
  let copy: typeof errors;

  beforeAll(async () => {
    vi.resetModules();
    copy = await import('../../../src/errors/index.js');
  });

  it('recognises the errors of another copy of the package, by class, branch and root', () => {
    const foreign = new copy.LinkLostError('lost');
    expect(copy.LinkLostError).not.toBe(LinkLostError);
    expect(foreign instanceof LinkLostError).toBe(true);
    expect(foreign instanceof LinkError).toBe(true);
    expect(foreign instanceof SlotwiseError).toBe(true);
  });

  it('tells the classes of another copy apart', () => {
    const foreign = new copy.LinkLostError('lost');
    expect(foreign instanceof ConnectError).toBe(false);
    expect(foreign instanceof UsageError).toBe(false);
  });

  it.each(samples)('takes $name for its own class and no other', (sample) => {
    const matching = samples.filter((other) => sample instanceof other.constructor);
    expect(matching.map(({ name }) => name)).toEqual([sample.name]);
  });

  it('denies values that are no errors of ours', () => {
    for (const value of [null, undefined, 'LinkLostError', { kind: 'LinkLostError' }, new Error('x')]) {
      expect(value instanceof SlotwiseError).toBe(false);
    }
  });

  it('does not take an error for a subclass that an application wrote', () => {
    class OwnError extends LinkLostError {}
    expect(new LinkLostError('lost') instanceof OwnError).toBe(false);
    expect(new OwnError('lost') instanceof LinkLostError).toBe(true);
  });
});
