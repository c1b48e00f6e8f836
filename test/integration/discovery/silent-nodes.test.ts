import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterClient, createClient } from '../../../src/index.js';
import { eventually, LocalCluster } from '../../../src/testing/index.js';

/** Far longer than any test may take: who waits for a hung node does not end in time. */
const FOR_EVER_MS = 10 * 60_000;

describe('a node that hangs, of which nobody knows', () => {
  let cluster: LocalCluster;

  beforeAll(async () => {
    cluster = await LocalCluster.start({ shards: 3, replicasPerShard: 1, nodeTimeoutMs: 30_000 });
  });
  afterAll(async () => {
    await cluster?.stop();
  });

  /** A client that finds out nothing by itself, and drops no link. */
  const quietClient = (seeds: readonly string[], nodesAsked: number): Promise<ClusterClient> =>
    createClient({
      seeds,
      topology: { refreshIntervalMs: 0, nodesAsked, askTimeoutMs: FOR_EVER_MS },
      links: { dropAfterMs: FOR_EVER_MS, pingIntervalMs: 0, connectTimeoutMs: FOR_EVER_MS },
    });

  it('does not hold up a refresh that asks it with others', async () => {
    await using client = await quietClient(cluster.seeds, cluster.nodes.length);
    const told: Array<readonly string[]> = [];
    client.on('topologyRefreshed', ({ asked }) => told.push(asked));
    const hung = cluster.replicasOf(0)[0]!;
    await cluster.hang(hung);
    try {
      let isRefreshed = false;
      void client.refreshTopology().then(() => (isRefreshed = true));
      await eventually('the refresh has ended', () => isRefreshed);
      expect(told.at(-1)).toContain(hung.address);
      expect(client.topology.nodes).toHaveLength(6);
    } finally {
      await cluster.resume(hung);
    }
  });

  it('does not hold up a refresh that asks it alone: another is asked in its stead', async () => {
    await using client = await quietClient(cluster.seeds, 1);
    const told: Array<readonly string[]> = [];
    client.on('topologyRefreshed', ({ asked }) => told.push(asked));
    const hung = cluster.replicasOf(0)[0]!;
    const drawn = (): readonly string[] | undefined => told.find((asked) => asked.includes(hung.address));
    await cluster.hang(hung);
    try {
      let isOver = false;
      const again = async (): Promise<void> => {
        while (drawn() === undefined && !isOver) await client.refreshTopology();
      };
      const drawing = again();
      await eventually(
        'it was drawn, and the refresh ended all the same',
        () => drawn() !== undefined,
      ).finally(() => (isOver = true));
      await drawing;
      expect(drawn()!.length).toBeGreaterThan(1);
    } finally {
      await cluster.resume(hung);
    }
  });

  it('does not keep a client from beginning when it is the first of its seeds', async () => {
    const [hung] = cluster.replicasOf(0);
    const seeds = [hung!.address, ...cluster.seeds.filter((address) => address !== hung!.address)];
    await cluster.hang(hung!);
    try {
      let client: ClusterClient | undefined;
      void quietClient(seeds, 3).then((begun) => (client = begun));
      await eventually('the client has begun', () => client !== undefined);
      await using begun = client!;
      expect(begun.topology.nodes).toHaveLength(6);
      expect(begun.snapshot().counters.refreshes).toBe(1);
    } finally {
      await cluster.resume(hung!);
    }
  });
});
