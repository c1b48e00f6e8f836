import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { resolveHost } from '../../../src/discovery/resolve-host.js';
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

  it.each<readonly [string, LookupFunction]>([
    ['fails', (_host, _options, done) => done(new Error('getaddrinfo ENOTFOUND'), '')],
    ['finds nothing', (_host, _options, done) => done(null, [])],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
  ])('gives no address, and leaves no timer, when the lookup %s', async (_what, lookup) => {
    const clock = new ManualClock();
    expect(await ask('seed.test', lookup, clock)).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('does not wait for ever', async () => {
    const clock = new ManualClock();
    const asked = expect(ask('seed.test', never, clock)).rejects.toThrow(
      'seed.test could not be resolved within topology.askTimeoutMs (1000 ms)',
    );
    clock.advance(1_000);
    await asked;
  });
});
