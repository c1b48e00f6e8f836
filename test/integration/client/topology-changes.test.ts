import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientEvents, type ClusterClient, createClient } from '../../../src/index.js';
import { eventually, LocalCluster } from '../../../src/testing/index.js';

/** Counts up many keys until told to stop, and remembers what was acknowledged and what failed. */
class Load {
  readonly acknowledged = new Map<string, number>();
  readonly errors: unknown[] = [];
  readonly #client: ClusterClient;
  readonly #loops: ReadonlyArray<Promise<void>>;
  #stopping = false;

  constructor(client: ClusterClient, keys: number) {
    this.#client = client;
    this.#loops = Array.from({ length: keys }, (_, i) => this.#count(`counter-${i}`));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#loops);
  }

  get total(): number {
    return [...this.acknowledged.values()].reduce((sum, count) => sum + count, 0);
  }

  async #count(key: string): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#client.incr(key);
        this.acknowledged.set(key, (this.acknowledged.get(key) ?? 0) + 1);
      } catch (error) {
        this.errors.push(error);
      }
    }
  }
}

describe('while the cluster changes under load', () => {
  let cluster: LocalCluster;
  let client: ClusterClient;

  beforeAll(async () => {
    cluster = await LocalCluster.start({ shards: 3, replicasPerShard: 1 });
    client = await createClient({ seeds: cluster.seeds });
  });

  afterAll(async () => {
    await client?.close();
    await cluster?.stop();
  });

  async function exactAfter(change: () => Promise<unknown>): Promise<Load> {
    await cluster.flush();
    const load = new Load(client, 64);
    try {
      await eventually('the load runs', () => expect(load.total).toBeGreaterThan(1_000));
      await change();
      const totalAfter = load.total;
      await eventually('the load still runs', () => expect(load.total).toBeGreaterThan(totalAfter + 1_000));
    } finally {
      await load.stop();
    }
    expect(load.errors).toEqual([]);
    for (const [key, count] of load.acknowledged) expect(await client.get(key), key).toBe(String(count));
    return load;
  }

  it('moving a third of the slots costs no error, and no increment is lost or done twice', async () => {
    const before = client.snapshot().counters;
    const redirects: Array<ClientEvents['commandRedirected']> = [];
    const listener = (event: ClientEvents['commandRedirected']): void => void redirects.push(event);
    client.on('commandRedirected', listener);
    const to = 1;
    const from = cluster.primaryOf(0).shard;
    expect(from).not.toBe(to);
    const slots = Array.from({ length: 5_461 }, (_, slot) => slot);
    await exactAfter(() => cluster.moveSlots({ slots, to }));
    client.off('commandRedirected', listener);
    const after = client.snapshot().counters;
    expect(after.moved).toBeGreaterThan(before.moved);
    expect(redirects.length).toBe(after.moved + after.asked - before.moved - before.asked);
    expect(redirects.every(({ slot, from: source, to: target }) => slot < 5_461 && source !== target)).toBe(
      true,
    );
    await eventually('the topology is the new one', async () => {
      await client.refreshTopology();
      expect(client.topology.shardOf(0)!.primary!.address).toBe(cluster.primaryOf(0).address);
    });
  });

  it('a graceful failover costs no error, and the client follows', async () => {
    const { shard, address: before } = cluster.primaryOf(16_000);
    await exactAfter(() => cluster.failover(shard));
    expect(cluster.primaryOf(16_000).address).not.toBe(before);
    await eventually('the client knows the new primary', () => {
      expect(client.topology.shardOf(16_000)!.primary!.address).toBe(cluster.primaryOf(16_000).address);
    });
  });

  it('a new shard is used, and one that leaves is let go', async () => {
    let shard = -1;
    await exactAfter(async () => {
      shard = await cluster.addShard();
    });
    const added = cluster.nodes.filter((node) => node.shard === shard).map((node) => node.address);
    await client.refreshTopology();
    expect(client.topology.nodes.map((node) => node.address)).toEqual(expect.arrayContaining(added));
    await exactAfter(() => cluster.removeShard(shard));
    await eventually('the shard is forgotten', async () => {
      await client.refreshTopology();
      for (const address of added) expect(client.topology.nodeAt(address)).toBeUndefined();
    });
  });
});

describe('a key that is being moved', () => {
  it('is followed by ASK for this one command, without changing the topology', async () => {
    await using cluster = await LocalCluster.start({ shards: 2, replicasPerShard: 0 });
    await using client = await createClient({ seeds: cluster.seeds });
    const slot = 15_495; // of the key 'a'
    const [source, target] = [
      cluster.primaryOf('a'),
      cluster.nodes.find((node) => node.address !== cluster.primaryOf('a').address)!,
    ];
    await client.set('{a}stays', 'here');
    const at = (node: { readonly address: string }): ClusterClient => client.with({ route: node.address });
    await at(target).call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source.id);
    await at(source).call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target.id);
    const { version } = client.topology;
    expect(await client.get('{a}stays')).toBe('here');
    expect(await client.get('a')).toBeNull();
    expect(await client.set('a', 'there')).toBe('OK');
    expect(await client.get('a')).toBe('there');
    expect(client.snapshot().counters.asked).toBe(3);
    expect(client.snapshot().counters.moved).toBe(0);
    expect(client.topology.version).toBe(version);
    await expect(client.with({ timeoutMs: 300 }).mget('a', '{a}stays')).rejects.toThrow(/TRYAGAIN/);
  });
});
