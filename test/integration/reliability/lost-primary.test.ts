import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { type ClusterClient, createClient } from '../../../src/index.js';
import { eventually, LocalCluster } from '../../../src/testing/index.js';
import { Load, workOn } from './support/load.js';
import { nodeOf, readsReach, tagOf, watchNodes } from './support/watch.js';

/** Long enough for a promotion to come and to be learned of. */
const TIMEOUT_MS = 10_000;
/** Shorter than a promotion takes: the circuit opens before the topology lets go of the node. */
const DROP_AFTER_MS = 1_000;

describe.each(['no', 'yes'])('a primary that is lost, with cluster-require-full-coverage %s', (coverage) => {
  let cluster: LocalCluster;
  let client: ClusterClient;

  beforeAll(async () => {
    cluster = await LocalCluster.start({
      nodeTimeoutMs: 2_000,
      config: { 'cluster-require-full-coverage': coverage },
    });
    client = await createClient({
      seeds: cluster.seeds,
      readFrom: 'preferReplica',
      commands: { timeoutMs: TIMEOUT_MS },
      links: { dropAfterMs: DROP_AFTER_MS },
    });
  });
  afterEach(async () => {
    for (const node of cluster.nodes.filter(({ state }) => state !== 'running')) await cluster.restart(node);
  });
  afterAll(async () => {
    await client?.close();
    await cluster?.stop();
  });

  it.each(['hung', 'killed'] as const)(
    '(%s) stops no read and no repeatable write, no other shard, and is used again when it is back',
    async (fault) => {
      onTestFailed(() => console.log(JSON.stringify(client.snapshot(), null, 1), seen));
      await cluster.flush();
      const lost = cluster.primaryOf(0);
      const tags = cluster.shards.map((shard) => [shard, tagOf(cluster, shard)] as const);
      const tasks = tags.flatMap(([shard, tag]) =>
        workOn(client, shard === lost.shard ? 'of its shard' : `elsewhere ${shard}`, tag),
      );
      const seen = watchNodes(client);
      const load = new Load(tasks);
      try {
        await load.goesOn(tasks.map(({ name }) => name));
        if (fault === 'hung') await cluster.hang(lost);
        else await cluster.kill(lost);
        await eventually('the client has noticed', () =>
          seen.some((event) => event.startsWith('nodeSuspected') || event.startsWith('circuitOpened')),
        );
        expect(nodeOf(client, lost.address).condition).toMatch(/^(suspect|down)$/);
        if (coverage === 'no') await load.goesOn(['GET of its shard', 'GET elsewhere', 'SET elsewhere']);
        await eventually('a replica is promoted', () => cluster.primaryOf(0) !== lost, { withinMs: 20_000 });
        await load.goesOn(tasks.map(({ name }) => name));
        expect(client.topology.shardOf(0)!.primary!.address).toBe(cluster.primaryOf(0).address);
        if (fault === 'hung') expect(seen).toContain(`nodeSuspected ${lost.address}`);
        expect(seen).toContain(`circuitOpened ${lost.address}`);

        if (fault === 'hung') await cluster.resume(lost);
        else await cluster.restart(lost);
        await readsReach(client, lost.address);
      } finally {
        await load.stop();
      }
      expect(load.errorsOf('GET')).toEqual([]);
      expect(load.errorsOf('SET')).toEqual([]);
      expect(load.errorsOf('elsewhere')).toEqual([]);
      for (const { error } of load.failures) expect(error).toMatchObject({ executed: 'maybe' });
      for (const [shard, tag] of tags) {
        const name = shard === lost.shard ? 'INCR of its shard' : `INCR elsewhere ${shard}`;
        const counted = Number(await client.with({ readFrom: 'primary' }).get(`{${tag}}counter`));
        if (shard === lost.shard) expect(counted).toBeLessThanOrEqual(load.count(name) + load.maybe(name));
        else expect(counted).toBe(load.count(name));
      }
    },
  );
});
