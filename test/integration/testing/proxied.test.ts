import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { eventually, LocalCluster, type LocalNode } from '../../../src/testing/index.js';
import { ask, connectTo, connectToCluster } from './connect.js';
import { openWire } from './wire.js';

/** As if there were no proxy. */
function direct(node: LocalNode): LocalNode {
  const [host = '', port] = node.directAddress.split(':');
  return { ...node, id: node.id, host, port: Number(port) };
}

// One cluster throughout: each test leaves it healthy and without faults.
describe('a proxied cluster', () => {
  let cluster: LocalCluster;
  beforeAll(async () => {
    cluster = await LocalCluster.start({
      proxied: true,
      availabilityZones: ['a', 'b', 'c'],
      nodeTimeoutMs: 1000,
    });
  });
  afterAll(() => cluster.stop());
  afterEach(() => cluster.heal());

  it('tells the addresses of the proxies only, to clients and among nodes', async () => {
    const addresses = cluster.nodes.map(({ address }) => address);
    expect(cluster.seeds).toEqual(addresses);
    for (const node of cluster.nodes) {
      expect(node.directAddress).not.toBe(node.address);
      const lines = String(await ask(node, ['CLUSTER', 'NODES']))
        .trim()
        .split('\n');
      const told = lines.map((line) => (line.split(' ')[1] as string).split('@')[0]);
      expect(new Set(told)).toEqual(new Set(addresses));
    }
    const followed = String(await ask(cluster.replicasOf(0)[0] as LocalNode, ['INFO', 'replication']));
    expect(followed).toContain(`master_port:${cluster.primaryOf(0).port}\r\n`);
  });

  it('serves a client that knows nothing of proxies, and counts what each node is asked', async () => {
    const before = cluster.nodes.map((node) => cluster.proxyOf(node).counters.commands['SET'] ?? 0);
    const client = connectToCluster(cluster);
    for (let i = 0; i < 60; i++) await client.set(`proxied:${i}`, i);
    expect(await client.get('proxied:59')).toBe('59');
    client.disconnect();
    const sets = cluster.nodes.map(
      (node, i) => (cluster.proxyOf(node).counters.commands['SET'] ?? 0) - (before[i] as number),
    );
    expect(sets.reduce((a, b) => a + b)).toBe(60);
    const primaries = cluster.nodes.filter(({ role }) => role === 'primary').length;
    expect(sets.filter((count) => count > 0)).toHaveLength(primaries);
    expect(Object.keys(cluster.proxyOf(cluster.nodes[0] as LocalNode).counters.commands)).not.toContain(
      'PSYNC',
    );
  });

  it('shows a client the faults of one node, and leaves replication alone', async () => {
    const primary = cluster.primaryOf('fault');
    const [replica] = cluster.replicasOf('fault') as [LocalNode];
    const proxy = cluster.proxyOf(primary);
    const link = connectTo(primary);
    proxy.answer({ error: 'CLUSTERDOWN The cluster is down' });
    await expect(link.set('fault', '1')).rejects.toThrow('CLUSTERDOWN The cluster is down');
    proxy.blackhole();
    proxy.latency({ ms: 600_000 });
    await ask(direct(primary), ['SET', 'fault', '2']);
    await eventually('the replica has it', async () => {
      const reader = connectTo(direct(replica));
      try {
        await reader.readonly();
        expect(await reader.get('fault')).toBe('2');
      } finally {
        reader.disconnect();
      }
    });
    link.disconnect();
  });

  it('goes on telling an old topology, in both versions of the protocol, when one is frozen', async () => {
    const node = cluster.primaryOf(0);
    const proxy = cluster.proxyOf(node);
    await proxy.staleTopology();
    await cluster.failover(node.shard);
    for (const question of ['SHARDS', 'SLOTS', 'NODES', 'INFO']) {
      const [told, true_] = await Promise.all([
        ask(node, ['CLUSTER', question]),
        ask(direct(node), ['CLUSTER', question]),
      ]);
      expect(told, question).not.toEqual(true_);
    }
    expect(String(await ask(node, ['CLUSTER', 'NODES']))).toMatch(/myself,master/);
    const wire = await openWire(node);
    wire.send('HELLO 3\r\nCLUSTER SHARDS\r\nCLUSTER SHARDS\r\n');
    await eventually('both replies are there', () => wire.text.split('%2\r\n$5\r\nslots').length === 7);
    wire.socket.destroy();
    await proxy.clear('staleTopology');
    expect(String(await ask(node, ['CLUSTER', 'NODES']))).toMatch(/myself,slave/);
  });

  it('delays clients of one zone, and breaks off clients of one node', async () => {
    const inZone = cluster.nodes.filter(({ availabilityZone }) => availabilityZone === 'b');
    await cluster.latency('b', 5);
    for (const node of cluster.nodes) {
      expect(cluster.proxyOf(node).faults).toEqual(inZone.includes(node) ? ['latency'] : []);
    }
    await cluster.latency(['b', cluster.nodes[0] as LocalNode], 0);
    expect(cluster.nodes.flatMap((node) => cluster.proxyOf(node).faults)).toEqual([]);
    const [node, other] = cluster.nodes as [LocalNode, LocalNode];
    const wires = await Promise.all([openWire(node), openWire(node), openWire(other)]);
    for (const wire of wires) wire.send('PING\r\n');
    for (const wire of wires) await wire.expect('+PONG\r\n');
    await cluster.cut(node);
    await wires[0].ended('reset');
    await wires[1].ended('reset');
    wires[2].send('PING\r\n');
    await wires[2].expect('+PONG\r\n+PONG\r\n');
    for (const wire of wires) wire.socket.destroy();
  });

  it('refuses connections to a node that died, also by itself, until it is back', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    const [replica] = cluster.replicasOf(0) as [LocalNode];
    await cluster.kill(replica);
    await expect(openWire(replica)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await cluster.restart(replica);
    expect(await ask(replica, ['PING'])).toBe('PONG');
    process.kill(replica.pid as number, 'SIGKILL');
    await eventually('nobody is let in', () =>
      openWire(replica).then(
        ({ socket }) => {
          socket.destroy();
          return false;
        },
        (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
      ),
    );
    await cluster.restart(replica);
    await cluster.hang(replica);
    const wire = await openWire(replica);
    wire.send('PING\r\n');
    await cluster.resume(replica);
    await wire.expect('+PONG\r\n');
    wire.socket.destroy();
  });

  it('fails over, grows, moves keys and shrinks as any other cluster', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    const promoted = await cluster.failover(cluster.primaryOf('{p}').shard);
    const keys = Array.from({ length: 25 }, (_, i) => `{p}:${i}`);
    for (const key of keys) await ask(promoted, ['SET', key, key]);
    const slot = Number(await ask(promoted, ['CLUSTER', 'KEYSLOT', '{p}']));
    const to = await cluster.addShard({ rebalance: false });
    // What is between nodes is not held up by what clients meet.
    for (const node of cluster.nodes) cluster.proxyOf(node).blackhole();
    await cluster.moveSlots({ slots: slot, to });
    await cluster.heal();
    expect(await ask(cluster.primaryOf(slot), ['MGET', ...keys])).toEqual(keys);
    await cluster.removeShard(to);
    const added = await cluster.addReplica(promoted.shard);
    expect(cluster.proxyOf(added).counters.totalConnections).toBe(0);
    await cluster.removeReplica(added);
    await expect(openWire(added)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(cluster.nodes).toHaveLength(6);
  });
});

describe('LocalCluster with proxies', () => {
  it('delays clients to nodes of other zones than theirs, whatever is cleared', async () => {
    await using cluster = await LocalCluster.start({
      mode: 'standalone',
      replicasPerShard: 2,
      proxied: true,
      availabilityZones: ['a', 'b', 'c'],
      clientZone: 'b',
      crossZoneLatencyMs: 600_000,
    });
    expect(await ask(cluster.nodes[1] as LocalNode, ['PING'])).toBe('PONG');
    const far = cluster.nodes[2] as LocalNode;
    await cluster.proxyOf(far).clear();
    const wire = await openWire(far);
    wire.send('PING\r\n');
    await eventually('the node has answered', () => cluster.proxyOf(far).counters.bytesToClient === 7);
    expect(wire.text).toBe('');
    // A latency takes the place of that between zones.
    await cluster.latency(far, 1);
    await wire.expect('+PONG\r\n');
    wire.socket.destroy();
  });

  it('puts proxies before a primary with replicas, and tells clients of them', async () => {
    await using cluster = await LocalCluster.start({ mode: 'standalone', proxied: true, password: 'secret' });
    const access = { password: 'secret' };
    const [primary, replica] = cluster.nodes as [LocalNode, LocalNode];
    await eventually('the primary tells where its replica is to be found', async () => {
      const [, , replicas] = (await ask(primary, ['ROLE'], access)) as [string, number, string[][]];
      expect(replicas.map(([host, port]) => `${host}:${port}`)).toEqual([replica.address]);
    });
    const [, host, port] = (await ask(replica, ['ROLE'], access)) as [string, string, number];
    expect(`${host}:${port}`).toBe(primary.address);
    expect(await cluster.failover(0)).toBe(replica);
    await cluster.proxyOf(replica).staleTopology();
    await cluster.partition(replica);
    const promoted = await cluster.failover(0, { mode: 'force' });
    expect(promoted).toBe(primary);
    await cluster.heal();
    expect(replica.role).toBe('replica');
    expect(await ask(replica, ['ROLE'], access)).toContain('connected');
  });

  it('passes TLS, of clients and between nodes', async () => {
    await using cluster = await LocalCluster.start({ shards: 1, proxied: true, tls: 'mutual' });
    const node = cluster.primaryOf(0);
    const tls = { tls: { ...cluster.tls } };
    expect(await ask(node, ['SET', 'a', '1'], tls)).toBe('OK');
    expect(() => cluster.proxyOf(node).garbage()).toThrow('TLS');
    cluster.proxyOf(node).split();
    expect(await ask(node, ['GET', 'a'], tls)).toBe('1');
  });

  it('says that verbs of the network need proxies', async () => {
    await using cluster = await LocalCluster.start({ mode: 'standalone', replicasPerShard: 0 });
    const [node] = cluster.nodes as [LocalNode];
    expect(node.directAddress).toBe(node.address);
    expect(() => cluster.proxyOf(node)).toThrow('proxied: true');
    await expect(cluster.partition(node)).rejects.toThrow('partition needs a proxied cluster');
    await expect(cluster.heal()).rejects.toThrow('heal needs a proxied cluster');
    await expect(cluster.latency(node, 5)).rejects.toThrow('latency needs a proxied cluster');
    await expect(cluster.cut(node)).rejects.toThrow('cut needs a proxied cluster');
  });
});
