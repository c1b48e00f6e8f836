import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../../src/errors/index.js';
import { resolveOptions } from '../../../src/testing/options.js';

function problemsOf(options: object): string[] {
  try {
    resolveOptions(options);
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.problems.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe('resolveOptions', () => {
  it('fills in three shards with a replica each, and a single one without cluster mode', () => {
    expect(resolveOptions({})).toMatchObject({ shards: 3, replicasPerShard: 1, mode: 'cluster', tls: false });
    expect(resolveOptions({ mode: 'standalone' })).toMatchObject({ shards: 1, replicasPerShard: 1 });
    expect(resolveOptions({ shards: undefined } as object)).toMatchObject({ shards: 3 });
  });

  it.each([
    [{ shards: 1.5 }, ['shards']],
    [{ shards: '3' }, ['shards']],
    [{ replicasPerShard: -1, nodeTimeoutMs: 1 }, ['replicasPerShard', 'nodeTimeoutMs']],
    [{ shards: 200, replicasPerShard: 5 }, ['shards']],
    [{ engine: 'keydb', mode: 'sentinel' }, ['engine', 'mode']],
    [{ binary: '' }, ['binary']],
    [{ password: 'two words' }, ['password']],
    [{ availabilityZones: 'a' }, ['availabilityZones']],
    [{ users: {} }, ['users']],
    [{ users: [{ name: 'a b' }, { name: 'slotwise-harness' }] }, ['users[0].name', 'users[1].name']],
    [{ users: [{ name: 'a' }, { name: 'a' }] }, ['users[1].name']],
    [
      { users: [{ name: 'a', password: ['x', ''], rules: '+@all\n' }] },
      ['users[0].password', 'users[0].rules'],
    ],
    [{ password: 'p', users: [{ name: 'default' }] }, ['users[0].name']],
    [{ config: { port: '1', Dir: '/' } }, ['config.port', 'config.Dir']],
    [
      { config: { 'a b': '1', hz: 'x\nport 1', maxmemory: 3 } },
      ['config.a b', 'config.hz', 'config.maxmemory'],
    ],
    [{ proxied: 'yes', addresses: 'own' }, ['proxied', 'addresses']],
    [{ crossZoneLatencyMs: -1 }, ['crossZoneLatencyMs']],
    [{ crossZoneLatencyMs: Number.NaN, proxied: true }, ['crossZoneLatencyMs']],
    [{ crossZoneLatencyMs: 1 }, ['crossZoneLatencyMs']],
    [{ clientZone: 'a' }, ['clientZone']],
    [{ clientZone: 'c', availabilityZones: ['a', 'b'] }, ['clientZone']],
    [{ addresses: 'distinct', tls: true }, ['addresses']],
    [
      { config: { 'bind-source-addr': '::1', 'replica-announce-ip': '::1' } },
      ['config.bind-source-addr', 'config.replica-announce-ip'],
    ],
  ])('refuses %j', (options, paths) => {
    expect(problemsOf(options)).toEqual(paths);
  });

  it('lets clients stand in the first zone unless told otherwise', () => {
    const availabilityZones = ['a', 'b'];
    expect(resolveOptions({ availabilityZones }).clientZone).toBe('a');
    expect(resolveOptions({ availabilityZones, clientZone: 'b' }).clientZone).toBe('b');
    expect(resolveOptions({}).clientZone).toBeUndefined();
  });

  it('never repeats a password in an error', () => {
    const options = { password: 'top secret', users: [{ name: 'a', password: 'also secret' }] };
    expect(() => resolveOptions(options)).toThrow(expect.not.stringContaining('secret') as unknown as Error);
  });
});
