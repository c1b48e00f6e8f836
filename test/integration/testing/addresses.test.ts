import type { LookupAddress } from 'node:dns';
import { connect, type LookupFunction } from 'node:net';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { LocalCluster, type LocalNode } from '../../../src/testing/index.js';
import { ask, connectToCluster } from './connect.js';
import { openWire } from './wire.js';

function resolve(lookup: LookupFunction, name: string, options: object): Promise<string | LookupAddress[]> {
  return new Promise((done, fail) =>
    lookup(name, options, (error, address) => (error ? fail(error) : done(address))),
  );
}

describe.each([false, true])('a cluster with an address for each node (proxied: %s)', (proxied) => {
  let cluster: LocalCluster;
  beforeAll(async () => {
    cluster = await LocalCluster.start({
      addresses: 'distinct',
      proxied,
      availabilityZones: ['a', 'b', 'c'],
      nodeTimeoutMs: 1000,
    });
  });
  afterAll(() => cluster.stop());

  it('has one port and as many loopback addresses as nodes', async () => {
    expect(new Set(cluster.nodes.map(({ port }) => port)).size).toBe(1);
    expect(new Set(cluster.nodes.map(({ host }) => host)).size).toBe(6);
    expect(cluster.seeds.every((seed) => /^127\.77\.0\.\d+:\d+$/.test(seed))).toBe(true);
    const told = String(await ask(cluster.primaryOf(0), ['CLUSTER', 'NODES']));
    for (const { address } of cluster.nodes) expect(told).toContain(` ${address}@`);
    const client = connectToCluster(cluster);
    await Promise.all(Array.from({ length: 50 }, (_, i) => client.set(`address:${i}`, i)));
    client.disconnect();
  });

  it('is found by name, as a resolver tells it', async () => {
    const lookup = cluster.lookup('cluster.test');
    const all = cluster.nodes.map(({ host }) => ({ address: host, family: 4 }));
    expect(await resolve(lookup, 'cluster.test', { all: true })).toEqual(all);
    expect(await resolve(lookup, 'Cluster.Test', { all: true, family: 4 })).toEqual(all);
    expect(await resolve(lookup, 'cluster.test', {})).toBe(all[0]?.address);
    await expect(resolve(lookup, 'cluster.test', { family: 6 })).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(await resolve(lookup, 'localhost', { family: 4 })).toBe('127.0.0.1');
    const { port } = cluster.nodes[0] as LocalNode;
    const socket = connect({ host: 'cluster.test', port, lookup });
    await once(socket, 'connect');
    socket.destroy();
  });

  it('gets new nodes in the place of all, with the same data and name, and other addresses', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    await ask(cluster.primaryOf('kept'), ['SET', 'kept', 'yes']);
    const before = cluster.nodes;
    const places = (): string[] =>
      cluster.nodes.map(({ shard, role, availabilityZone }) => `${shard} ${role} ${availabilityZone}`);
    const placesBefore = places();
    const lookup = cluster.lookup('cluster.test');
    // Whatever clients are kept from, the nodes do among themselves.
    if (proxied) for (const node of before) cluster.proxyOf(node).blackhole();
    await cluster.replaceNodes();
    const hosts = cluster.nodes.map(({ host }) => host);
    expect(hosts).toHaveLength(6);
    for (const old of before) {
      expect(hosts).not.toContain(old.host);
      expect(old.state).toBe('stopped');
      await expect(openWire(old)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
    expect(places()).toEqual(placesBefore);
    expect(await resolve(lookup, 'cluster.test', { all: true })).toEqual(
      hosts.map((address) => ({ address, family: 4 })),
    );
    const { port } = before[0] as LocalNode;
    const client = new Redis({ host: hosts[0] as string, port });
    expect(String(await client.cluster('NODES'))).not.toContain(`${before[0]?.host}:`);
    client.disconnect();
    expect(await ask(cluster.primaryOf('kept'), ['GET', 'kept'])).toBe('yes');
  });
});

it('replaces the nodes of a primary with replicas, without cluster mode', async () => {
  await using cluster = await LocalCluster.start({ mode: 'standalone', addresses: 'distinct' });
  await ask(cluster.primaryOf(0), ['SET', 'kept', 'yes']);
  const before = cluster.seeds;
  await cluster.replaceNodes();
  expect(cluster.seeds.filter((seed) => before.includes(seed))).toEqual([]);
  expect(await ask(cluster.primaryOf(0), ['GET', 'kept'])).toBe('yes');
  expect(await ask(cluster.replicasOf(0)[0] as LocalNode, ['GET', 'kept'])).toBe('yes');
});

it('lets two clusters with addresses for each node live side by side', async () => {
  const options = { mode: 'standalone', addresses: 'distinct' } as const;
  const clusters = await Promise.all([LocalCluster.start(options), LocalCluster.start(options)]);
  try {
    expect(new Set(clusters.flatMap(({ seeds }) => seeds)).size).toBe(4);
    const [first, second] = clusters as [LocalCluster, LocalCluster];
    await ask(first.primaryOf(0), ['SET', 'whose', 'first']);
    expect(await ask(second.primaryOf(0), ['GET', 'whose'])).toBeNull();
  } finally {
    await Promise.all(clusters.map((each) => each.stop()));
  }
});
