import { describe, expect, it } from 'vitest';
import { type ClientOptions, DEFAULT_OPTIONS, InvalidOptionsError } from '../../../src/index.js';
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
    expect(() => checkCommandOptions({ timeoutMs: Number.NaN }, 500)).toThrow(/NaN/);
    expect(() => checkCommandOptions({ timeout: 1 } as never, 500)).toThrow(
      /did you mean with\(\)\.timeoutMs\?/,
    );
    expect(() => checkCommandOptions({ signal: {} as never }, 500)).toThrow(/AbortSignal/);
    expect(() => checkCommandOptions(null as never, 500)).toThrow(/expected an object/);
  });
});
