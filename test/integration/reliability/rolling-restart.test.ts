import { expect, it, onTestFailed } from 'vitest';
import { createClient } from '../../../src/index.js';
import { eventually, LocalCluster } from '../../../src/testing/index.js';
import { Load, workOn } from './support/load.js';
import { tagOf, watchNodes } from './support/watch.js';

it('a restart of every node, one after the other, costs no error, and every increment is there once', async () => {
  await using cluster = await LocalCluster.start({ nodeTimeoutMs: 2_000 });
  await using client = await createClient({
    seeds: cluster.seeds,
    readFrom: 'preferReplica',
    commands: { timeoutMs: 10_000 },
  });
  const seen = watchNodes(client);
  onTestFailed(() => console.log(JSON.stringify(client.snapshot(), null, 1), seen));
  const tags = cluster.shards.map((shard) => [shard, tagOf(cluster, shard)] as const);
  const tasks = tags.flatMap(([shard, tag]) => workOn(client, String(shard), tag));
  const load = new Load(tasks);
  try {
    await load.goesOn(tasks.map(({ name }) => name));
    for (const node of cluster.nodes) {
      if (node.role === 'primary') {
        await cluster.failover(node.shard);
        // As an operator would: a node is taken down when nobody needs it any more.
        await eventually('the client writes elsewhere', () => {
          const primaries = client.topology.shards.map(({ primary }) => primary?.address);
          expect(primaries).not.toContain(node.address);
        });
      }
      await cluster.restart(node);
      await load.goesOn(
        tasks.map(({ name }) => name),
        5,
      );
    }
  } finally {
    await load.stop();
  }
  expect(load.failures).toEqual([]);
  const primary = client.with({ readFrom: 'primary' });
  for (const [shard, tag] of tags)
    expect(Number(await primary.get(`{${tag}}counter`))).toBe(load.count(`INCR ${shard}`));
});
