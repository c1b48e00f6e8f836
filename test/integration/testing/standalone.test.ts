import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { LocalCluster } from '../../../src/testing/index.js';
import { ask } from './connect.js';

describe('a primary with two replicas, without cluster mode', () => {
  let cluster: LocalCluster;
  beforeAll(async () => {
    cluster = await LocalCluster.start({
      mode: 'standalone',
      replicasPerShard: 2,
      availabilityZones: ['a', 'b', 'c'],
      tls: 'mutual',
      password: 'secret',
    });
  });
  afterAll(() => cluster.stop());
  const access = (): object => ({ tls: { ...cluster.tls }, password: 'secret' });

  it('has one shard, whose primary owns every key', async () => {
    expect(cluster.nodes.map(({ role, shard, availabilityZone }) => [role, shard, availabilityZone])).toEqual(
      [
        ['primary', 0, 'a'],
        ['replica', 0, 'b'],
        ['replica', 0, 'c'],
      ],
    );
    expect(cluster.primaryOf('any')).toBe(cluster.nodes[0]);
    expect(String(await ask(cluster.primaryOf(0), ['INFO', 'cluster'], access()))).toContain(
      'cluster_enabled:0',
    );
  });

  it('hands over gracefully with every write, and all replicas follow the new primary', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    await ask(cluster.primaryOf(0), ['SET', 'kept', 'yes'], access());
    const promoted = await cluster.failover(0);
    expect(cluster.primaryOf(0)).toBe(promoted);
    expect(await ask(promoted, ['GET', 'kept'], access())).toBe('yes');
    expect(String(await ask(promoted, ['INFO', 'replication'], access()))).toContain('connected_slaves:2');
    expect(cluster.replicasOf(0)).toHaveLength(2);
  });

  it('promotes past a dead and past a hung primary; both come back as replicas', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    for (const [fault, cure] of [
      ['kill', 'restart'],
      ['hang', 'resume'],
    ] as const) {
      const old = cluster.primaryOf(0);
      await cluster[fault](old);
      await expect(cluster.failover(0)).rejects.toThrow(/use mode 'force'/);
      const promoted = await cluster.failover(0, {
        mode: 'force',
        to: cluster.replicasOf(0)[1]?.id as string,
      });
      expect(promoted.role).toBe('primary');
      await cluster[cure](old);
      expect(old.role).toBe('replica');
      expect(await ask(old, ['GET', 'kept'], access())).toBe('yes');
    }
  });

  it('adds and removes a replica, and empties itself', async () => {
    const added = await cluster.addReplica(0);
    expect(await ask(added, ['GET', 'kept'], access())).toBe('yes');
    await cluster.flush();
    expect(await ask(added, ['DBSIZE'], access())).toBe(0);
    await cluster.removeReplica(added);
    expect(cluster.nodes).toHaveLength(3);
  });

  it('refuses what needs slots', async () => {
    await expect(cluster.moveSlots({ slots: 0, to: 0 })).rejects.toThrow('moveSlots needs cluster mode');
    await expect(cluster.addShard()).rejects.toThrow('addShard needs cluster mode');
    await expect(cluster.removeShard(0)).rejects.toThrow('removeShard needs cluster mode');
    await expect(LocalCluster.start({ mode: 'standalone', shards: 3 })).rejects.toThrow('exactly 1 shard');
  });
});
