import { describe, expect, it } from 'vitest';
import { type LocalClusterOptions, resolveOptions } from '../../../src/testing/options.js';
import { type Place, Placement } from '../../../src/testing/placement.js';

function placement(options: LocalClusterOptions, problem?: string): Placement {
  let port = 20_000;
  return new Placement(resolveOptions(options), { take: async () => ++port }, async () => problem);
}

const endpoints = ({ announced, own }: Place): string[] =>
  [announced, own].map(({ host, port, busPort }) => `${host}:${port}@${busPort}`);

describe('Placement', () => {
  it('gives nodes ports of their own, the same inside and outside, without proxies', async () => {
    const places = placement({});
    expect(endpoints(await places.next())).toEqual(['127.0.0.1:20001@20002', '127.0.0.1:20001@20002']);
    const second = await places.next();
    expect([...endpoints(second), second.source]).toEqual([
      '127.0.0.1:20003@20004',
      '127.0.0.1:20003@20004',
      undefined,
    ]);
  });

  it('announces a proxied node where it does not listen, and lets it connect from an address of its own', async () => {
    const places = placement({ proxied: true });
    const place = await places.next();
    expect(endpoints(place)).toEqual(['127.0.0.1:20001@20002', '127.0.0.1:20003@20004']);
    expect([place.source, (await places.next()).source]).toEqual(['127.77.0.1', '127.77.0.2']);
  });

  it.each([
    [false, '20001@20002'],
    [true, '20003@20004'],
  ])('gives distinct addresses one port in common (proxied: %s)', async (proxied, own) => {
    const places = placement({ addresses: 'distinct', proxied });
    const all = await Promise.all(Array.from({ length: 300 }, () => places.next()));
    expect(endpoints(all[0] as Place)).toEqual(['127.77.0.1:20001@20002', `127.77.0.1:${own}`]);
    expect(endpoints(all[299] as Place)).toEqual(['127.77.1.44:20001@20002', `127.77.1.44:${own}`]);
    expect(new Set(all.map(({ announced }) => announced.host)).size).toBe(300);
  });

  it('says which option needs addresses that the machine lacks, and how to have them', async () => {
    const problem = 'EADDRNOTAVAIL';
    await expect(placement({ proxied: true }, problem).check()).rejects.toThrow(
      /`proxied: true`.*127\.77\.0\.1.*EADDRNOTAVAIL.*ifconfig lo0 alias/,
    );
    await expect(placement({ addresses: 'distinct' }, problem).check()).rejects.toThrow(
      "addresses: 'distinct'",
    );
    await placement({}, problem).check();
    await placement({ proxied: true }).check();
  });
});
