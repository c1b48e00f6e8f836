import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterClient, createClient } from '../../../src/index.js';
import { eventually, LocalCluster } from '../../../src/testing/index.js';

/** Far less than the 30 s between the refreshes of a quiet cluster: only what settles can be seen in it. */
const WITHIN_MS = 15_000;

describe('a topology settles soon after a change', () => {
  let cluster: LocalCluster;
  let client: ClusterClient;

  beforeAll(async () => {
    cluster = await LocalCluster.start({ shards: 2, replicasPerShard: 1 });
    client = await createClient({ seeds: cluster.seeds });
    // Data in every shard: until something was written, nodes call a replica loading that has nothing to copy.
    const keys = Array.from({ length: 100 }, (_, i) => `user:${i}`);
    await client.mset(Object.fromEntries(keys.map((key) => [key, 'Ada'])));
  });

  afterAll(async () => {
    await client?.close();
    await cluster?.stop();
  });

  const replicasOnline = (): boolean =>
    client.topology.nodes.filter(({ role, health }) => role === 'replica' && health === 'online').length ===
    2;

  it('uses replicas that were still loading when the client came', async () => {
    await eventually('both replicas are online', replicasOnline, { withinMs: WITHIN_MS });
    expect(client.explain('user:42').candidates).toHaveLength(1);
    expect(client.with({ readFrom: 'replica' }).explain('user:42').candidates).toMatchObject([
      { role: 'replica', health: 'usable' },
    ]);
  });

  it('knows the old primary as replica of the new one after a failover', async () => {
    const old = cluster.primaryOf('user:42');
    const promoted = await cluster.failover(old.shard);
    await eventually(
      'the old primary is a replica',
      async () => {
        // The first command after the failover is what tells the client that something has happened.
        await client.get('user:42');
        return client.topology.nodeAt(old.address)?.role === 'replica' && replicasOnline();
      },
      { withinMs: WITHIN_MS },
    );
    expect(client.explain('user:42').chosen).toBe(promoted.address);
    expect(client.with({ readFrom: 'preferReplica' }).explain('user:42').chosen).toBe(old.address);
  });
});
