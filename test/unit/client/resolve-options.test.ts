import { describe, expect, it } from 'vitest';
import { type ClientOptions, DEFAULT_OPTIONS, InvalidOptionsError } from '../../../src/index.js';
import { DEFAULT_HEDGE_SHARE } from '../../../src/client/options.js';
import { checkCommandOptions, resolveOptions } from '../../../src/client/resolve-options.js';

function problemsOf(options: unknown): Record<string, string> {
  try {
    resolveOptions(options as ClientOptions);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    return Object.fromEntries(
      (error as InvalidOptionsError).problems.map(({ path, message }) => [path, message]),
    );
  }
  return {};
}

/** Durations for which 0 means that something is never done, or not held back. */
const MAY_BE_ZERO = ['refreshIntervalMs', 'minRefreshGapMs', 'pingIntervalMs'];

/** Every duration there is, with every value that none of them takes. */
const DURATIONS = Object.entries(DEFAULT_OPTIONS).flatMap(([group, values]) =>
  Object.keys(values)
    .filter((name) => name.endsWith('Ms'))
    .flatMap((name) =>
      [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 31, '100']
        .filter((value) => value !== 0 || !MAY_BE_ZERO.includes(name))
        .map((value) => [group, name, value] as const),
    ),
);

describe('options', () => {
  it('are filled in from one place, and cannot be changed afterwards', () => {
    const { options } = resolveOptions({ seeds: 'a:1', commands: { timeoutMs: 7 } });
    expect(options.commands).toEqual({ ...DEFAULT_OPTIONS.commands, timeoutMs: 7 });
    expect(options.topology).toEqual(DEFAULT_OPTIONS.topology);
    expect(options.readFrom).toBe('primary');
    expect(() => {
      (options.commands as { timeoutMs: number }).timeoutMs = 1;
    }).toThrow(TypeError);
  });

  it('left undefined are as if left out', () => {
    const { options } = resolveOptions({
      seeds: 'a:1',
      commands: { timeoutMs: undefined } as never,
      links: undefined as never,
    });
    expect(options.commands.timeoutMs).toBe(DEFAULT_OPTIONS.commands.timeoutMs);
  });

  it('take user, password and TLS from a URL, and show no secret', async () => {
    const config = resolveOptions('rediss://app:p%40ss@cache.example:7000');
    expect(config.tls).toEqual({});
    expect(await config.credentials!.getCredentials()).toEqual({ username: 'app', password: 'p@ss' });
    expect(await config.options.seeds.getSeeds()).toEqual([
      { host: 'cache.example', port: 7000, address: 'cache.example:7000' },
    ]);
    expect(config.options.credentials).toBe('static');
    expect(JSON.stringify(config.options)).not.toContain('p@ss');
  });

  it('prefer credentials that are given to those of a URL', async () => {
    const config = resolveOptions({ seeds: 'redis://:url@a', credentials: { password: 'given' } });
    expect(await config.credentials!.getCredentials()).toEqual({ password: 'given' });
  });

  it.each([
    [undefined, 'options', /is undefined/],
    [{}, 'seeds', /is missing/],
    [{ seeds: [] }, 'seeds', /is empty/],
    [{ seeds: 'a', seed: 1 }, 'seed', /did you mean seeds\?/],
    [
      { seeds: 'a', commands: { timeoutMs: 0 } },
      'commands.timeoutMs',
      /is 0; expected a whole number from 1/,
    ],
    [{ seeds: 'a', commands: { timeoutMs: Number.NaN } }, 'commands.timeoutMs', /is NaN/],
    [{ seeds: 'a', commands: { timeoutMs: Number.POSITIVE_INFINITY } }, 'commands.timeoutMs', /is Infinity/],
    [{ seeds: 'a', commands: { timeoutMs: -5 } }, 'commands.timeoutMs', /is -5/],
    [{ seeds: 'a', commands: { timeoutMs: '5' } }, 'commands.timeoutMs', /is a string/],
    [{ seeds: 'a', commands: [] }, 'commands', /is a list/],
    [
      { seeds: 'a', topology: { refreshIntervalMS: 1 } },
      'topology.refreshIntervalMS',
      /did you mean topology\.refreshIntervalMs\?/,
    ],
    [{ seeds: 'a', readFrom: 'preferreplica' }, 'readFrom', /did you mean 'preferReplica'\?/],
    [{ seeds: 'a', tls: 'yes' }, 'tls', /is a string/],
    [{ seeds: 'rediss://a', tls: false }, 'tls', /is false, but a seed is rediss/],
    [{ seeds: 'redis://a', tls: true }, 'tls', /is on, but a seed is redis/],
    [{ seeds: ['redis://a', 'rediss://b'] }, 'seeds', /mixes/],
    [
      { seeds: 'a', credentials: { user: 'x', password: 'y' } },
      'credentials.user',
      /did you mean credentials\.username\?/,
    ],
    [{ seeds: 'a', credentials: { username: 'x' } }, 'credentials.password', /missing/],
    [{ seeds: 'a', lookup: 1 }, 'lookup', /expected a function/],
    [{ seeds: 'a', clientName: 'two words' }, 'clientName', /without spaces/],
    [{ seeds: 'a:0' }, 'seeds', /port in 1\.\.65535/],
    [{ seeds: 'http://a' }, 'seeds', /scheme/],
    [{ seeds: '::x' }, 'seeds', /expected/],
    [{ seeds: 'user:pw@host:6379' }, 'seeds', /^has credentials; write redis:/],
  ])('%j are refused, naming the place', (options, path, message) => {
    expect(problemsOf(options)[path]).toMatch(message);
  });

  it.each(DURATIONS)('%s.%s takes no %s', (group, name, value) => {
    const problems = problemsOf({ seeds: 'a', [group]: { [name]: value } });
    const found = typeof value === 'string' ? 'a string' : String(value);
    expect(problems[`${group}.${name}`]).toMatch(`is ${found}; expected a whole number from `);
  });

  it.each([
    [{ links: { hungAfterMs: 9 } }, 'links.hungAfterMs', /is 9; expected a whole number from 10/],
    [{ links: { dropAfterMs: 2 ** 31 } }, 'links.dropAfterMs', /to 2147483647/],
    [{ breaker: { errorThresholdPercentage: 0 } }, 'breaker.errorThresholdPercentage', /from 1 to 99/],
    [{ breaker: { errorThresholdPercentage: 101 } }, 'breaker.errorThresholdPercentage', /from 1 to 99/],
    [{ breaker: { volumeThreshold: 0 } }, 'breaker.volumeThreshold', /from 1/],
    [{ breaker: { rollingMs: 99 } }, 'breaker.rollingMs', /from 100/],
    [{ retries: { budgetRatio: -0.1 } }, 'retries.budgetRatio', /is -0\.1; expected a number from 0 to 10/],
    [{ retries: { budgetRatio: Number.NaN } }, 'retries.budgetRatio', /is NaN/],
    [{ retries: { budgetRatio: Number.POSITIVE_INFINITY } }, 'retries.budgetRatio', /is Infinity/],
    [{ retries: { budgetPerSecond: -1 } }, 'retries.budgetPerSecond', /is -1/],
    [{ retries: { budgetBurst: 0 } }, 'retries.budgetBurst', /is 0; expected a whole number from 1/],
    [{ commands: { maxWaitingPerShard: -1 } }, 'commands.maxWaitingPerShard', /is -1/],
    [
      { commands: { maxWaitingPerShard: Number.POSITIVE_INFINITY } },
      'commands.maxWaitingPerShard',
      /Infinity/,
    ],
    [{ lagGuard: true }, 'lagGuard', /is a boolean; expected false, or an object with maxBytes/],
    [{ lagGuard: {} }, 'lagGuard.maxBytes', /expected a whole number from 0/],
    [{ lagGuard: { maxBytes: 1, intervalMs: 9 } }, 'lagGuard.intervalMs', /from 10 to/],
    [{ lagGuard: { maxBytes: 1, everyMs: 9 } }, 'lagGuard.everyMs', /is not an option/],
    [{ hedge: true }, 'hedge', /is a boolean; expected false, or an object with afterMs/],
    [{ hedge: 'p95' }, 'hedge', /is a string/],
    [{ hedge: {} }, 'hedge.afterMs', /is undefined; .* or 'p95'/],
    [{ hedge: { afterMs: 'p99' } }, 'hedge.afterMs', /is a string; .* or 'p95'/],
    [{ hedge: { afterMs: 0 } }, 'hedge.afterMs', /is 0; expected a whole number from 1 to 60000/],
    [{ hedge: { afterMs: Number.NaN } }, 'hedge.afterMs', /is NaN/],
    [{ hedge: { afterMs: 60_001 } }, 'hedge.afterMs', /is 60001/],
    [{ hedge: { afterMs: 5, maxShare: 0 } }, 'hedge.maxShare', /is 0; expected a number from 0\.001 to 1/],
    [{ hedge: { afterMs: 5, maxShare: 1.5 } }, 'hedge.maxShare', /is 1\.5/],
    [{ hedge: { afterMs: 5, maxShare: Number.NaN } }, 'hedge.maxShare', /is NaN/],
    [{ hedge: { afterMs: 5, share: 0.5 } }, 'hedge.share', /is not an option/],
    [{ hedge: { afterMS: 5 } }, 'hedge.afterMS', /did you mean hedge\.afterMs\?/],
    [{ breakers: {} }, 'breakers', /did you mean breaker\?/],
    [{ retrys: {} }, 'retrys', /did you mean retries\?/],
    [{ breaker: { volumeTreshold: 5 } }, 'breaker.volumeTreshold', /did you mean breaker\.volumeThreshold\?/],
    [{ retries: { budgetRation: 1 } }, 'retries.budgetRation', /did you mean retries\.budgetRatio\?/],
    [{ links: { hungAfterMillis: 1 } }, 'links.hungAfterMillis', /did you mean links\.hungAfterMs\?/],
    [{ breaker: null }, 'breaker', /is null; expected an object/],
    [{ retries: 3 }, 'retries', /is a number; expected an object/],
  ])('%j are refused, with what was expected', (options, path, message) => {
    expect(problemsOf({ seeds: 'a', ...options })[path]).toMatch(message);
  });

  it.each([
    [
      { links: { hungAfterMs: 500, dropAfterMs: 400 } },
      'links.hungAfterMs',
      'less than links.dropAfterMs (400)',
    ],
    [
      { links: { hungAfterMs: 500, dropAfterMs: 500 } },
      'links.hungAfterMs',
      'less than links.dropAfterMs (500)',
    ],
    [{ links: { hungAfterMs: 6_000 } }, 'links.hungAfterMs', 'less than links.dropAfterMs (6000)'],
    [{ links: { dropAfterMs: 250 } }, 'links.hungAfterMs', 'less than links.dropAfterMs (250)'],
    [
      { links: { reconnectBaseMs: 30, reconnectMaxMs: 20 } },
      'links.reconnectBaseMs',
      'at most links.reconnectMaxMs (20)',
    ],
    [{ links: { reconnectMaxMs: 49 } }, 'links.reconnectBaseMs', 'at most links.reconnectMaxMs (49)'],
    [{ links: { reconnectBaseMs: 2_001 } }, 'links.reconnectBaseMs', 'at most links.reconnectMaxMs (2000)'],
    [{ retries: { baseMs: 2, maxMs: 1 } }, 'retries.baseMs', 'at most retries.maxMs (1)'],
    [{ retries: { baseMs: 501 } }, 'retries.baseMs', 'at most retries.maxMs (500)'],
    [{ retries: { maxMs: 9 } }, 'retries.baseMs', 'at most retries.maxMs (9)'],
  ])('%j contradict each other, also where one of the two is a default', (options, path, expected) => {
    const problems = problemsOf({ seeds: 'a', ...options });
    expect(Object.keys(problems)).toEqual([path]);
    expect(problems[path]).toContain(`expected ${expected}`);
  });

  it('may be equal where that makes sense, fractions where they are shares, and 0 where it means never', () => {
    const { options } = resolveOptions({
      seeds: 'a',
      links: {
        reconnectBaseMs: 100,
        reconnectMaxMs: 100,
        pingIntervalMs: 0,
        hungAfterMs: 10,
        dropAfterMs: 11,
      },
      retries: { baseMs: 5, maxMs: 5, budgetRatio: 0, budgetPerSecond: 0, budgetBurst: 1 },
      topology: { refreshIntervalMs: 0 },
      commands: { maxWaitingPerShard: 0, maxQueuedPerNode: 0, maxRedirects: 0 },
      hedge: { afterMs: 'p95', maxShare: 0.5 },
    });
    expect(options.links.reconnectMaxMs).toBe(100);
    expect(options.hedge).toEqual({ afterMs: 'p95', maxShare: 0.5 });
    expect(resolveOptions({ seeds: 'a', hedge: { afterMs: 5 } }).options.hedge).toEqual({
      afterMs: 5,
      maxShare: DEFAULT_HEDGE_SHARE,
    });
    expect(resolveOptions({ seeds: 'a', hedge: false }).options.hedge).toBe(false);
  });

  it('contradict each other no more than the defaults do', () => {
    expect(problemsOf({ seeds: 'a', ...DEFAULT_OPTIONS })).toEqual({});
  });

  it('with several faults are told of all of them', () => {
    const problems = problemsOf({
      seeds: 'a',
      links: { hungAfterMs: 0, reconnectBaseMs: 9_000 },
      breaker: { rollingMs: -1 },
      hedge: { afterMs: Number.POSITIVE_INFINITY, maxShare: 2 },
    });
    expect(Object.keys(problems).toSorted()).toEqual([
      'breaker.rollingMs',
      'hedge.afterMs',
      'hedge.maxShare',
      'links.hungAfterMs',
      'links.reconnectBaseMs',
    ]);
  });

  it('accept seeds in every documented form', async () => {
    const { options } = resolveOptions({
      seeds: ['plain', 'with.port:7001', '[::1]:7002', 'redis://in.url', { host: '::2', port: 7003 }],
    });
    const seeds = await options.seeds.getSeeds();
    expect(seeds.map(({ host, port }) => `${host} ${port}`)).toEqual([
      'plain 6379',
      'with.port 7001',
      '::1 7002',
      'in.url 6379',
      '::2 7003',
    ]);
  });

  it('of a single call narrow, and never widen', () => {
    expect(() => checkCommandOptions({ timeoutMs: 500 }, 500)).not.toThrow();
    expect(() => checkCommandOptions({ timeoutMs: 501 }, 500)).toThrow(/from 1 to 500/);
    for (const timeoutMs of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => checkCommandOptions({ timeoutMs }, 500)).toThrow(`with().timeoutMs: is ${timeoutMs};`);
    expect(() => checkCommandOptions({ timeout: 1 } as never, 500)).toThrow(
      /did you mean with\(\)\.timeoutMs\?/,
    );
    expect(() => checkCommandOptions({ signal: {} as never }, 500)).toThrow(/AbortSignal/);
    expect(() => checkCommandOptions(null as never, 500)).toThrow(/expected an object/);
  });
});
