import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidArgumentError, InvalidOptionsError } from '../../../src/errors/index.js';
import { HarnessError, LocalCluster } from '../../../src/testing/index.js';
import { ask, connectToCluster } from './connect.js';

describe('a cluster just started', () => {
  let cluster: LocalCluster;
  beforeAll(async () => {
    cluster = await LocalCluster.start({
      replicasPerShard: 2,
      availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
      config: { 'maxmemory-policy': 'allkeys-lru', save: '' },
    });
  });
  afterAll(() => cluster.stop());

  it('is called healthy by every node', async () => {
    for (const node of cluster.nodes) {
      const info = String(await ask(node, ['CLUSTER', 'INFO']));
      expect(info).toContain('cluster_state:ok');
      expect(info).toContain('cluster_slots_ok:16384');
      expect(info).toContain('cluster_known_nodes:9');
    }
  });

  it('has three shards of a primary and two replicas with their copies', async () => {
    expect(cluster.shards).toEqual([0, 1, 2]);
    expect(cluster.nodes.map(({ shard }) => shard)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    const replicas = cluster.nodes.filter(({ role }) => role === 'replica');
    expect(replicas).toHaveLength(6);
    for (const replica of replicas) {
      expect(String(await ask(replica, ['INFO', 'replication']))).toContain('master_link_status:up');
    }
  });

  it('takes writes at once through any client', async () => {
    const client = connectToCluster(cluster);
    await Promise.all(Array.from({ length: 100 }, (_, i) => client.set(`start:${i}`, i)));
    expect(await client.get('start:99')).toBe('99');
    client.disconnect();
  });

  it('tells the owner of a key and of a slot as the nodes do', async () => {
    for (const key of ['a', 'user:{42}:name', '{}x', 'é', 'open{']) {
      const slot = Number(await ask(cluster.primaryOf(0), ['CLUSTER', 'KEYSLOT', key]));
      expect(cluster.primaryOf(key), key).toBe(cluster.primaryOf(slot));
      expect(await ask(cluster.primaryOf(key), ['GET', key])).toBeNull();
    }
    expect(cluster.replicasOf(0).map(({ shard, role }) => [shard, role])).toEqual([
      [0, 'replica'],
      [0, 'replica'],
    ]);
  });

  it('puts the nodes of a shard into different zones, and spreads the primaries', () => {
    for (const shard of cluster.shards) {
      const zones = cluster.nodes.filter((node) => node.shard === shard).map((node) => node.availabilityZone);
      expect(new Set(zones).size).toBe(3);
    }
    const primaries = cluster.nodes.filter(({ role }) => role === 'primary');
    expect(new Set(primaries.map(({ availabilityZone }) => availabilityZone)).size).toBe(3);
  });

  it('applies the given configuration and writes nothing to disk', async () => {
    const [node] = cluster.nodes as [(typeof cluster.nodes)[0]];
    expect(await ask(node, ['CONFIG', 'GET', 'maxmemory-policy'])).toEqual([
      'maxmemory-policy',
      'allkeys-lru',
    ]);
    expect(await ask(node, ['CONFIG', 'GET', 'save'])).toEqual(['save', '']);
    expect(await ask(node, ['CONFIG', 'GET', 'bind'])).toEqual(['bind', '127.0.0.1']);
  });

  it('shows the logs of one node and of all', () => {
    const [first] = cluster.nodes as [(typeof cluster.nodes)[0]];
    expect(cluster.logs(first)).toContain('Ready to accept connections');
    expect(cluster.logs().match(/^--- 127\.0\.0\.1:\d+/gm)).toHaveLength(9);
  });

  it('names nodes by object, id and address, and refuses strangers', () => {
    const [first] = cluster.nodes as [(typeof cluster.nodes)[0]];
    expect(cluster.logs(first.id)).toBe(cluster.logs(first.address));
    expect(() => cluster.logs('127.0.0.1:1')).toThrow(InvalidArgumentError);
    expect(() => cluster.logs('127.0.0.1:1')).toThrow(/its nodes are 127\.0\.0\.1:\d+/);
  });

  it('refuses slots out of range, unknown shards and unknown modes before it does anything', async () => {
    expect(() => cluster.primaryOf(16_384)).toThrow(/0 to 16383/);
    await expect(cluster.moveSlots({ slots: [-1], to: 0 })).rejects.toThrow(/0 to 16383/);
    await expect(cluster.moveSlots({ slots: [[9, 3]], to: 0 })).rejects.toThrow(/at or after its first/);
    await expect(cluster.moveSlots({ slots: 0, to: 7 })).rejects.toThrow('There is no shard 7');
    await expect(cluster.moveSlots({ slots: 0, to: 1, keysPerBatch: 0 })).rejects.toThrow(/keysPerBatch/);
    await expect(cluster.failover(7)).rejects.toThrow('there are shards 0, 1, 2');
    await expect(cluster.failover(0, { mode: 'gentle' as 'force' })).rejects.toThrow(
      /graceful, force, takeover/,
    );
    await expect(cluster.removeReplica(cluster.primaryOf(0))).rejects.toThrow(/fail over first/);
    expect(cluster.primaryOf(0).shard).toBe(0);
  });
});

describe('LocalCluster.start', () => {
  it('lists everything that is wrong with the options, with the name that was probably meant', async () => {
    const start = LocalCluster.start({ shards: 0, replicas: 1, tls: 'yes', config: {} } as never);
    await expect(start).rejects.toBeInstanceOf(InvalidOptionsError);
    await expect(start).rejects.toMatchObject({
      problems: [{ path: 'replicas' }, { path: 'shards' }, { path: 'tls' }],
    });
    await expect(LocalCluster.start({ availabilityZone: 'a' } as never)).rejects.toThrow(
      'did you mean `availabilityZones`?',
    );
  });

  it('says that a named program does not exist', async () => {
    await expect(LocalCluster.start({ binary: '/nowhere/redis-server' })).rejects.toThrow(
      /\/nowhere\/redis-server \(the option `binary`\) cannot be run/,
    );
  });

  it('gives two clusters no port in common', async () => {
    const options = { mode: 'standalone', replicasPerShard: 2 } as const;
    const clusters = await Promise.all([LocalCluster.start(options), LocalCluster.start(options)]);
    try {
      expect(new Set(clusters.flatMap(({ seeds }) => seeds)).size).toBe(6);
    } finally {
      await Promise.all(clusters.map((each) => each.stop()));
    }
  });

  it('reports a server that dies at its start with its last words, and leaves nothing behind', async () => {
    const start = LocalCluster.start({ config: { 'no-such-directive': '1' } });
    await expect(start).rejects.toBeInstanceOf(HarnessError);
    await expect(start).rejects.toThrow(/exited with code 1; its log ends with:[^]*no-such-directive/);
  });
});
