import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { InvalidArgumentError } from '../../../src/errors/index.js';
import { eventually, findServer, LocalCluster, type LocalNode } from '../../../src/testing/index.js';
import { ask, connectTo } from './connect.js';
import { openWire } from './wire.js';

const missing = await findServer({ engine: 'valkey' }).then(
  () => undefined,
  (error: Error) => error.message.split('\n')[0],
);

function direct(node: LocalNode): LocalNode {
  const [host = '', port] = node.directAddress.split(':');
  return { ...node, id: node.id, host, port: Number(port) };
}

/** Flags of each node as one of them sees it, asked past the proxies. */
async function flagsSeenBy(teller: LocalNode): Promise<Map<string, string>> {
  const text = String(await ask(direct(teller), ['CLUSTER', 'NODES']));
  const lines = text.trim().split('\n');
  return new Map(lines.map((line) => line.split(' ')).map(([id = '', , flags = '']) => [id, flags]));
}

describe.each(['redis', 'valkey'] as const)('a partition of a %s cluster', (engine) => {
  if (engine === 'valkey' && missing !== undefined) {
    it.skip(`needs Valkey: ${missing}`);
    return;
  }
  let cluster: LocalCluster;
  beforeAll(async () => {
    cluster = await LocalCluster.start({
      engine,
      proxied: true,
      availabilityZones: ['a', 'b', 'c'],
      nodeTimeoutMs: 1000,
      config: { 'cluster-require-full-coverage': 'no' },
    });
  });
  afterAll(() => cluster.stop());
  const inZone = (zone: string): LocalNode[] =>
    cluster.nodes.filter(({ availabilityZone }) => availabilityZone === zone);

  it('lets the majority promote, the minority see nobody, and all be as before when it is healed', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    const inside = inZone('a');
    const outside = cluster.nodes.filter((node) => !inside.includes(node));
    const old = inside.find(({ role }) => role === 'primary') as LocalNode;
    const key = `{${await keyOf(cluster, old)}}`;
    await ask(old, ['SET', key, 'before']);
    const link = connectTo(old);
    await link.ping();

    await cluster.partition('a');
    const late = link.get(key).catch((error: Error) => error.message);
    const fresh = await openWire(old);
    fresh.send('PING\r\n');
    await cluster.waitUntilHealthy();

    const promoted = cluster.primaryOf(key);
    expect(outside).toContain(promoted);
    expect([old.role, old.state]).toEqual(['replica', 'running']);
    for (const node of outside) {
      const flags = await flagsSeenBy(node);
      for (const lost of inside) expect(flags.get(lost.id)).toMatch(/fail(,|$)/);
      for (const other of outside) expect(flags.get(other.id)).not.toContain('fail');
    }
    await eventually('the minority holds everybody else for lost, and is in touch with itself', async () => {
      for (const node of inside) {
        const flags = await flagsSeenBy(node);
        for (const lost of outside) expect(flags.get(lost.id)).toContain('fail?');
        for (const other of inside) expect(flags.get(other.id)).not.toContain('fail');
      }
    });
    // The primary that was left behind holds itself for one, and is told by nobody that it is none.
    expect(String(await ask(direct(old), ['INFO', 'replication']))).toContain('role:master');
    await ask(promoted, ['SET', key, 'after']);
    expect([fresh.text, fresh.ending]).toEqual(['', undefined]);

    await cluster.heal();
    expect(old.role).toBe('replica');
    for (const node of cluster.nodes) {
      for (const flags of (await flagsSeenBy(node)).values()) expect(flags).not.toMatch(/fail|handshake/);
    }
    // What clients had sent into the dark arrives.
    await fresh.expect('+PONG\r\n');
    expect(await late).toMatch(/^(before|after|MOVED .*|CLUSTERDOWN .*)$/);
    expect(await ask(promoted, ['GET', key])).toBe('after');
    await eventually('the old primary has the new data', async () => {
      const reader = connectTo(old);
      try {
        await reader.readonly();
        expect(await reader.get(key)).toBe('after');
      } finally {
        reader.disconnect();
      }
    });
    fresh.socket.destroy();
    link.disconnect();
  });

  it('can leave a primary alone, with its replica on the other side, and can be more than one', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    const [replica] = cluster.replicasOf(0) as [LocalNode];
    const primary = cluster.primaryOf(0);
    await cluster.partition(replica);
    await cluster.partition([primary]);
    await eventually('the rest knows that both are gone', async () => {
      for (const node of cluster.nodes.filter((each) => each !== primary && each !== replica)) {
        const flags = await flagsSeenBy(node);
        expect([flags.get(primary.id), flags.get(replica.id)].join(' ')).toMatch(/fail .*fail$/);
      }
    });
    const own = await flagsSeenBy(replica);
    expect(own.get(primary.id)).toContain('fail');
    expect(primary.role).toBe('primary');
    await expect(cluster.failover(primary.shard)).rejects.toThrow(/no running replica|cut off/);
    await cluster.heal();
    await expect(cluster.partition([])).rejects.toThrow('name at least one node or zone');
    await expect(cluster.partition('z')).rejects.toBeInstanceOf(InvalidArgumentError);
  });
});

/** A hash tag whose slot a primary owns. */
async function keyOf(cluster: LocalCluster, primary: LocalNode): Promise<string> {
  for (let i = 0; ; i++) if (cluster.primaryOf(String(i)) === primary) return String(i);
}
