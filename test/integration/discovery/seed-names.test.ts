import { createServer, type LookupFunction, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, SeedsExhaustedError } from '../../../src/index.js';
import { eventually, LocalCluster } from '../../../src/testing/index.js';

/** Nobody listens there. */
const DEAD = '127.0.0.98';
/** Somebody listens there, and never says a word. */
const SILENT = '127.0.0.99';

function lookupOf(addresses: () => readonly string[]): LookupFunction {
  return (_host, options, done) => {
    const all = addresses().map((address) => ({ address, family: 4 }));
    if (options.all === true) done(null, all);
    else done(null, all[0]!.address, 4);
  };
}

describe('a seed that is a name', () => {
  let cluster: LocalCluster;
  let silent: Server;
  const sockets = new Set<Socket>();
  let connections = 0;

  beforeAll(async () => {
    cluster = await LocalCluster.start({ shards: 2, replicasPerShard: 1, addresses: 'distinct' });
    silent = createServer((socket) => {
      sockets.add(socket);
      connections++;
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      // Without reading it would not hear of the other side's end.
      socket.resume();
    });
    await new Promise<void>((resolve) => silent.listen(cluster.nodes[0]!.port, SILENT, resolve));
  });
  afterAll(async () => {
    await cluster?.stop();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  const seed = (): string => `cluster.test:${cluster.nodes[0]!.port}`;

  it('leads to the cluster when the first of its addresses are dead or silent, and leaves no link to them', async () => {
    const lookup = lookupOf(() => [DEAD, SILENT, ...cluster.nodes.map(({ host }) => host)]);
    await using client = await createClient({ seeds: seed(), lookup });
    expect(client.topology.nodes.map(({ address }) => address).toSorted()).toEqual(
      cluster.nodes.map(({ address }) => address).toSorted(),
    );
    await client.set('user:42', 'Ada');
    expect(await client.get('user:42')).toBe('Ada');
    expect(connections).toBeGreaterThan(0);
    await eventually('no link is left open to an address that was only asked', () => sockets.size === 0);
  });

  it('leads where `addressMap` sends it, whatever its own addresses are', async () => {
    const elsewhere = lookupOf(() => [DEAD, SILENT]);
    const here = lookupOf(() => cluster.nodes.map(({ host }) => host));
    await using client = await createClient({
      seeds: seed(),
      addressMap: ({ host, port }) => ({ host: host === 'cluster.test' ? 'outside.test' : host, port }),
      lookup: (host, options, done) => (host === 'outside.test' ? here : elsewhere)(host, options, done),
    });
    expect(client.topology.nodes).toHaveLength(cluster.nodes.length);
  });

  it('tells one error for each of its addresses when none of them leads anywhere', async () => {
    const failed = createClient({
      seeds: seed(),
      lookup: lookupOf(() => [DEAD, SILENT]),
      topology: { askTimeoutMs: 500 },
    });
    const error = (await failed.then(
      () => undefined,
      (reason: unknown) => reason,
    )) as SeedsExhaustedError;
    expect(error).toBeInstanceOf(SeedsExhaustedError);
    expect(error.failures.map((failure) => failure.seed)).toEqual([
      `${seed()} (${DEAD})`,
      `${seed()} (${SILENT})`,
    ]);
    expect(error.failures[0]!.error.message).toContain('ECONNREFUSED');
    expect(error.failures[1]!.error.message).toContain('500 ms');
  });

  it('finds the new nodes when every node has been replaced', async () => {
    await using client = await createClient({
      seeds: seed(),
      lookup: cluster.lookup('cluster.test'),
      topology: { refreshIntervalMs: 0 },
    });
    await client.set('user:42', 'Ada');
    const before = client.topology.nodes.map(({ address }) => address);
    await cluster.replaceNodes();
    await eventually(
      'the client reads from the new nodes',
      async () => {
        expect(await client.get('user:42')).toBe('Ada');
        const now = client.topology.nodes.map(({ address }) => address);
        expect(now.toSorted()).toEqual(cluster.nodes.map(({ address }) => address).toSorted());
        expect(before.filter((address) => now.includes(address))).toEqual([]);
      },
      { withinMs: 20_000 },
    );
  });
});
