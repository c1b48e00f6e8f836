import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../../src/index.js';
import { eventually, LocalCluster } from '../../../src/testing/index.js';
import { ask } from '../testing/connect.js';
import { nodeOf, tagOf } from './support/watch.js';

describe('reads that may choose', () => {
  let cluster: LocalCluster;
  let key: string;

  beforeAll(async () => {
    cluster = await LocalCluster.start({ shards: 1, replicasPerShard: 2, proxied: true });
    key = tagOf(cluster, 0);
    await ask(cluster.primaryOf(0), ['SET', key, 'Ada']);
  });
  afterAll(() => cluster?.stop());

  it('are asked of a second node when the first is late, and take the first answer', async () => {
    const [slow] = cluster.replicasOf(0);
    await using client = await createClient({
      seeds: cluster.seeds,
      readFrom: 'replica',
      hedge: { afterMs: 5, maxShare: 1 },
      // Late, but not suspect: hedging alone is what helps.
      links: { hungAfterMs: 60_000, dropAfterMs: 120_000 },
    });
    for (let i = 0; i < 10; i++) await client.get(key);
    cluster.proxyOf(slow!).blackhole('toClient');
    const values = await Promise.all(Array.from({ length: 20 }, () => client.get(key)));
    expect(new Set(values)).toEqual(new Set(['Ada']));
    expect(client.snapshot().counters).toMatchObject({ failures: 0, rerouted: 0 });
    expect(client.snapshot().counters.hedged).toBeGreaterThanOrEqual(10);
    await cluster.heal();
  });

  it('pass over a replica that has lost its primary, and come back when it follows again', async () => {
    const [near, far] = cluster.replicasOf(0);
    await using client = await createClient({
      seeds: cluster.seeds,
      readFrom: 'replica',
      lagGuard: { maxBytes: 1_000_000, intervalMs: 50 },
      topology: { refreshIntervalMs: 0 },
    });
    await client.get(key);
    // Nothing of the primary reaches it any more, while clients still do.
    await ask(far!, ['CONFIG', 'SET', 'repl-timeout', 1]);
    await ask(cluster.primaryOf(0), ['CONFIG', 'SET', 'repl-ping-replica-period', 3_600]);
    await eventually('it is too far behind', () => expect(nodeOf(client, far!.address).lagging).toBe(true));
    expect(client.explain(key).candidates.find(({ node }) => node === far!.address)?.reason).toMatch(
      /too far behind/,
    );
    expect(client.explain(key).chosen).toBe(near!.address);
    await ask(cluster.primaryOf(0), ['CONFIG', 'SET', 'repl-ping-replica-period', 1]);
    await ask(far!, ['CONFIG', 'SET', 'repl-timeout', 60]);
    await eventually('it follows again', () => expect(nodeOf(client, far!.address).lagging).toBe(false));
  });
});
