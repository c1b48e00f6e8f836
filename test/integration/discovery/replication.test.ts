import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientCore } from '../../../src/client/client-core.js';
import { resolveOptions } from '../../../src/client/resolve-options.js';
import { LagGuard } from '../../../src/discovery/index.js';
import { type ClusterClient, createClient } from '../../../src/index.js';
import { systemClock, systemRandom } from '../../../src/support/index.js';
import { eventually, LocalCluster, type LocalNode } from '../../../src/testing/index.js';
import { ask } from '../testing/connect.js';

describe('a primary with replicas, cluster mode disabled', () => {
  let cluster: LocalCluster;

  beforeAll(async () => {
    cluster = await LocalCluster.start({ mode: 'standalone', replicasPerShard: 2 });
  });
  afterAll(async () => {
    await cluster?.stop();
  });

  const shape = ({ topology }: ClusterClient): readonly string[] =>
    topology.nodes.map(({ address, role }) => `${role} ${address}`).toSorted();
  const truth = (): readonly string[] =>
    cluster.nodes
      .filter(({ state }) => state === 'running')
      .map(({ address, role }) => `${role} ${address}`)
      .toSorted();
  const primary = (): LocalNode => cluster.primaryOf(0);

  it('is learned whole from a replica', async () => {
    await using client = await createClient({ seeds: cluster.replicasOf(0)[0]!.address });
    expect(shape(client)).toEqual(truth());
  });

  it('has a lag guard that tells who follows, and who has lost his primary', async () => {
    const core = new ClientCore(resolveOptions({ seeds: cluster.seeds }));
    const told = new Map<string, readonly [lagBytes: number | undefined, isTooFar: boolean]>();
    const guard = new LagGuard({
      nodes: core.nodes,
      maxLagBytes: 1_000_000,
      intervalMs: 50,
      askTimeoutMs: 1_000,
      clock: systemClock,
      random: systemRandom,
      current: () => core.topology,
      onMeasured: (address, ...measured) => told.set(address, measured),
    });
    const [first, second] = cluster.replicasOf(0);
    try {
      await core.ready();
      guard.start();
      await eventually('both follow', () => {
        expect(told.get(first!.address)?.[1]).toBe(false);
        expect(told.get(second!.address)?.[0]).toBeTypeOf('number');
      });
      await ask(second!, ['REPLICAOF', '127.0.0.1', 1]);
      await eventually('one has lost his primary', () => {
        expect(told.get(second!.address)).toEqual([undefined, true]);
      });
      expect(told.get(first!.address)?.[1]).toBe(false);
      await ask(second!, ['REPLICAOF', primary().host, primary().port]);
      await eventually('he follows again', () => expect(told.get(second!.address)?.[1]).toBe(false));
    } finally {
      guard.close();
      await core.close(0);
    }
  });

  it('is followed when its primary dies and a replica is promoted, of which nobody is told', async () => {
    await using client = await createClient({ seeds: cluster.seeds, readFrom: 'preferReplica' });
    await client.set('user:42', 'Ada');
    await cluster.waitUntilHealthy();
    const old = primary();
    await cluster.kill(old);
    const promoted = await cluster.failover(old.shard, { mode: 'force' });
    await eventually('the client writes to the promoted replica', async () => {
      expect(client.topology.shardOf(0)!.primary!.address).toBe(promoted.address);
      expect(await client.set('user:42', 'Grace')).toBe('OK');
    });
    await eventually('it knows the other one as its replica', () => expect(shape(client)).toEqual(truth()));
  });
});
