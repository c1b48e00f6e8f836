import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { resolveHost } from '../../../src/discovery/resolve-host.js';
import { ConnectError } from '../../../src/errors/index.js';
import { ManualClock } from '../../support/manual-clock.js';

const ask = (host: string, lookup: LookupFunction, clock = new ManualClock()): Promise<readonly string[]> =>
  resolveHost(host, lookup, clock, 1_000);
const never: LookupFunction = () => {};

describe('resolveHost', () => {
  it('takes an address for itself', async () => {
    expect(await ask('10.0.0.1', never)).toEqual(['10.0.0.1']);
    expect(await ask('::1', never)).toEqual(['::1']);
  });

  it('gives every address of a name once, in the order of the lookup', async () => {
    const addresses = ['10.0.0.2', '10.0.0.1', '10.0.0.2'].map((address) => ({ address, family: 4 }));
    expect(await ask('seed.test', (_host, _options, done) => done(null, addresses))).toEqual([
      '10.0.0.2',
      '10.0.0.1',
    ]);
  });

  it('understands a lookup that knows one address only', async () => {
    expect(await ask('seed.test', (_host, _options, done) => done(null, '10.0.0.9', 4))).toEqual([
      '10.0.0.9',
    ]);
  });

  it('says which name could not be resolved, and why', async () => {
    const failing: LookupFunction = (_host, _options, done) =>
      done(Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' }), '');
    await expect(ask('seed.test', failing)).rejects.toThrow(
      'seed.test could not be resolved: getaddrinfo EAI_AGAIN',
    );
    await expect(ask('seed.test', failing)).rejects.toThrow(ConnectError);
  });

  it('does not take a name without an address for resolved', async () => {
    await expect(ask('seed.test', (_host, _options, done) => done(null, []))).rejects.toThrow(
      'seed.test could not be resolved: it has no address',
    );
  });

  it('does not wait for ever', async () => {
    const clock = new ManualClock();
    const asked = expect(ask('seed.test', never, clock)).rejects.toThrow(
      'seed.test could not be resolved within topology.askTimeoutMs (1000 ms)',
    );
    clock.advance(1_000);
    await asked;
  });

  it('says so when a lookup throws', async () => {
    const broken: LookupFunction = () => {
      throw new Error('broken');
    };
    await expect(ask('seed.test', broken)).rejects.toThrow('seed.test could not be resolved: broken');
  });
});
