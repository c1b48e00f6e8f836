import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { type ClusterClient, createClient } from '../../../src/index.js';
import { eventually, LocalCluster } from '../../../src/testing/index.js';
import { Load, workOn } from './support/load.js';
import { nodeOf, readsReach, watchNodes } from './support/watch.js';

describe('a replica that is lost', () => {
  let cluster: LocalCluster;
  let client: ClusterClient;

  beforeAll(async () => {
    cluster = await LocalCluster.start({ shards: 1, replicasPerShard: 2, nodeTimeoutMs: 2_000 });
    client = await createClient({ seeds: cluster.seeds, links: { dropAfterMs: 1_000 } });
  });
  afterAll(async () => {
    await client?.close();
    await cluster?.stop();
  });

  it.each(['hung', 'killed'] as const)(
    '(%s) costs no read, and gets its share when it is back',
    async (fault) => {
      const seen = watchNodes(client);
      onTestFailed(() => console.log(JSON.stringify(client.snapshot(), null, 1), seen));
      const [lost, other] = cluster.replicasOf(0);
      const tasks = [
        ...workOn(client.with({ readFrom: 'replica' }), 'replica', 'a'),
        ...workOn(client.with({ readFrom: 'preferReplica' }), 'preferReplica', 'b'),
        ...workOn(client.with({ readFrom: 'primary' }), 'primary', 'c'),
      ];
      const load = new Load(tasks);
      try {
        await load.goesOn(tasks.map(({ name }) => name));
        await readsReach(client, lost!.address);
        if (fault === 'hung') await cluster.hang(lost!);
        else await cluster.kill(lost!);
        await load.goesOn(tasks.map(({ name }) => name));
        await eventually('its circuit has opened', () => seen.includes(`circuitOpened ${lost!.address}`));
        if (fault === 'hung') {
          expect(seen).toContain(`nodeSuspected ${lost!.address}`);
          expect(client.snapshot().counters.rerouted).toBeGreaterThan(0);
        }
        const { sent } = nodeOf(client, other!.address);
        await load.goesOn(['GET replica', 'GET preferReplica']);
        await eventually('the other replica is sent the reads', () => {
          expect(nodeOf(client, other!.address).sent).toBeGreaterThanOrEqual(sent + 60);
        });
        if (fault === 'hung') await cluster.resume(lost!);
        else await cluster.restart(lost!);
        await readsReach(client, lost!.address);
        await load.goesOn(tasks.map(({ name }) => name));
      } finally {
        await load.stop();
        if (lost!.state !== 'running') await cluster.restart(lost!);
      }
      expect(load.failures).toEqual([]);
    },
  );

  it('leaves reads that may have no other to wait for it, inside their deadline', async () => {
    const [first, second] = cluster.replicasOf(0);
    const reader = client.with({ readFrom: 'replica' });
    await reader.get('a');
    await cluster.hang(first!);
    await cluster.hang(second!);
    try {
      const reads = Promise.allSettled(Array.from({ length: 20 }, (_, i) => reader.get(`k${i}`)));
      await eventually('both are suspect', () => {
        expect(nodeOf(client, first!.address).condition).not.toBe('well');
        expect(nodeOf(client, second!.address).condition).not.toBe('well');
      });
      // Others are not held up by it.
      expect(await client.with({ readFrom: 'preferReplica' }).get('a')).toBeNull();
      await cluster.resume(first!);
      for (const { status } of await reads) expect(status).toBe('fulfilled');
    } finally {
      for (const node of [first!, second!]) if (node.state === 'hung') await cluster.resume(node);
    }
  });
});
