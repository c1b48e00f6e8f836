import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { eventually, LocalCluster, type LocalNode } from '../../../src/testing/index.js';
import { ask, connectToCluster } from './connect.js';

describe('a cluster that is changed while it is used', () => {
  let cluster: LocalCluster;
  beforeAll(async () => {
    cluster = await LocalCluster.start();
  });
  afterAll(() => cluster.stop());

  it('loses nothing that was written while slots with their keys moved', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    const client = connectToCluster(cluster);
    const written = new Map<string, string>();
    let isMoving = true;
    const write = async (writer: number): Promise<void> => {
      for (let i = 0; isMoving; i++) {
        const [key, value] = [`load:${writer}:${i % 500}`, String(i)];
        await client.set(key, value);
        written.set(key, value);
      }
    };
    const writers = Array.from({ length: 8 }, (_, writer) => write(writer));
    await cluster.moveSlots({ slots: [[0, 300], 16_383], to: 1 });
    await cluster.moveSlots({ slots: [[0, 150]], to: 2 });
    isMoving = false;
    await Promise.all(writers);
    expect([0, 150, 151, 300, 301, 16_383].map((slot) => cluster.primaryOf(slot).shard)).toEqual([
      2, 2, 1, 1, 0, 1,
    ]);
    expect(written.size).toBeGreaterThan(500);
    for (const [key, value] of written) expect(await client.get(key), key).toBe(value);
    client.disconnect();
  });

  it('sends clients on with ASK and TRYAGAIN while a slot is half here, half there', async () => {
    const keys = Array.from({ length: 20 }, (_, i) => `{half}:${i}`);
    const source = cluster.primaryOf('half');
    const target = cluster.nodes.find(({ role, shard }) => role === 'primary' && shard !== source.shard);
    if (!target) throw new Error('there is but one shard');
    for (const key of keys) await ask(source, ['SET', key, key]);
    const slot = Number(await ask(source, ['CLUSTER', 'KEYSLOT', 'half']));
    const seen = new Set<string>();
    await cluster.moveSlots({
      slots: slot,
      to: target.shard,
      keysPerBatch: 10,
      onBatch: async ({ movedKeys }) => {
        if (movedKeys !== 10) return;
        const replies = await Promise.all([...keys, 'all'].map((key) => outcome(source, key, keys)));
        for (const reply of replies) seen.add(reply);
      },
    });
    expect(seen).toEqual(new Set(['value', `ASK ${slot} ${target.address}`, 'TRYAGAIN']));
    expect(await outcome(source, keys[0] as string, keys)).toBe(`MOVED ${slot} ${target.address}`);
    expect(await ask(target, ['MGET', ...keys])).toEqual(keys);
  });

  it('adds a shard with a fair share of the slots, and takes it away again with everything kept', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    const client = connectToCluster(cluster);
    await Promise.all(Array.from({ length: 500 }, (_, i) => client.set(`scale:${i}`, i)));
    const added = await cluster.addShard();
    expect(added).toBe(3);
    expect(cluster.nodes.filter(({ shard }) => shard === added).map(({ role }) => role)).toEqual([
      'primary',
      'replica',
    ]);
    const owned = Array.from({ length: 16_384 }, (_, slot) => cluster.primaryOf(slot).shard);
    expect(owned.filter((shard) => shard === added)).toHaveLength(4096);
    await cluster.removeShard(added);
    expect(cluster.shards).toEqual([0, 1, 2]);
    for (const node of cluster.nodes) {
      expect(String(await ask(node, ['CLUSTER', 'INFO']))).toContain('cluster_known_nodes:6');
    }
    const kept = await Promise.all(Array.from({ length: 500 }, (_, i) => client.get(`scale:${i}`)));
    expect(kept).toEqual(Array.from({ length: 500 }, (_, i) => String(i)));
    client.disconnect();
  });

  it('never gives the number of a removed shard again, and adds one without slots when told so', async () => {
    const added = await cluster.addShard({ rebalance: false });
    expect(added).toBe(4);
    const owners = new Set(Array.from({ length: 16_384 }, (_, slot) => cluster.primaryOf(slot).shard));
    expect(owners).toEqual(new Set([0, 1, 2]));
    await cluster.removeShard(added);
  });

  it('adds a replica that has its copy, and makes everybody forget a removed one', async () => {
    const primary = cluster.primaryOf('copied');
    await ask(primary, ['SET', 'copied', 'yes']);
    const replica = await cluster.addReplica(primary.shard);
    expect(replica).toMatchObject({ role: 'replica', shard: primary.shard, state: 'running' });
    expect(await ask(replica, ['DBSIZE'])).toBe(await ask(primary, ['DBSIZE']));
    await cluster.removeReplica(replica);
    expect(cluster.nodes).not.toContain(replica);
    for (const node of cluster.nodes) {
      expect(String(await ask(node, ['CLUSTER', 'NODES']))).not.toContain(replica.id);
    }
  });

  it('goes on with a move when the source fails over in the midst', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    const source = cluster.primaryOf('midst');
    const to = cluster.shards.find((shard) => shard !== source.shard) as number;
    const keys = Array.from({ length: 30 }, (_, i) => `{midst}:${i}`);
    for (const key of keys) await ask(source, ['SET', key, key]);
    let failover: Promise<LocalNode> | undefined;
    await cluster.moveSlots({
      slots: Number(await ask(source, ['CLUSTER', 'KEYSLOT', 'midst'])),
      to,
      onBatch: async () => {
        failover ??= cluster.failover(source.shard);
        await eventually('the source is another node', () => cluster.primaryOf('midst') !== source);
      },
    });
    expect(await failover).not.toBe(source);
    expect(cluster.primaryOf('midst').shard).toBe(to);
    expect(await ask(cluster.primaryOf('midst'), ['MGET', ...keys])).toEqual(keys);
  });
});

/** What a client gets that asks a node for a key, or for all at once: `value`, or the server's error. */
async function outcome(
  node: Parameters<typeof ask>[0],
  key: string,
  all: readonly string[],
): Promise<string> {
  try {
    await ask(node, key === 'all' ? ['MGET', ...all] : ['GET', key]);
    return 'value';
  } catch (error) {
    const { message } = error as Error;
    return message.startsWith('TRYAGAIN') ? 'TRYAGAIN' : message;
  }
}
