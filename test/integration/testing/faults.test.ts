import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { eventually, LocalCluster } from '../../../src/testing/index.js';
import { ask, connectTo, roles } from './connect.js';

// One cluster throughout: each test leaves it healthy, with a primary and a replica per shard.
describe('a cluster that is disturbed', () => {
  let cluster: LocalCluster;
  beforeAll(async () => {
    cluster = await LocalCluster.start({ nodeTimeoutMs: 1000 });
  });
  afterAll(() => cluster.stop());

  async function expectPrimaryEverywhere(id: string): Promise<void> {
    for (const node of cluster.nodes.filter(({ state }) => state === 'running')) {
      const lines = String(await ask(node, ['CLUSTER', 'NODES'])).split('\n');
      expect(lines.find((line) => line.startsWith(id))).toMatch(/master - .* \d+-\d+$/);
    }
  }

  it.each(['graceful', 'force', 'takeover'] as const)(
    'agrees on the new primary when a %s failover returns',
    async (mode) => {
      onTestFailed(() => console.log(cluster.logs()));
      const before = cluster.primaryOf(0);
      const promoted = await cluster.failover(before.shard, { mode });
      expect(promoted).not.toBe(before);
      expect(cluster.primaryOf(0)).toBe(promoted);
      expect([promoted.role, before.role]).toEqual(['primary', 'replica']);
      await expectPrimaryEverywhere(promoted.id);
      expect(String(await ask(before, ['INFO', 'replication']))).toContain(`master_port:${promoted.port}`);
    },
  );

  it('loses no write in a graceful failover', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    const before = cluster.primaryOf('kept');
    await ask(before, ['SET', 'kept', 'yes']);
    const promoted = await cluster.failover(before.shard);
    expect(await ask(promoted, ['GET', 'kept'])).toBe('yes');
    await cluster.flush();
    expect(await ask(promoted, ['DBSIZE'])).toBe(0);
    expect(await ask(before, ['DBSIZE'])).toBe(0);
  });

  it('promotes a replica by itself after a death, shows it without a verb, and takes the dead one back', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    const dead = cluster.primaryOf(0);
    const { pid } = dead;
    await cluster.kill(dead);
    expect([dead.state, dead.pid]).toEqual(['stopped', undefined]);
    expect(() => process.kill(pid as number, 0)).toThrow('ESRCH');
    await expect(cluster.failover(dead.shard)).rejects.toThrow("use mode 'force' or 'takeover'");
    await eventually('the replica is shown as primary', () => cluster.primaryOf(0) !== dead, {
      withinMs: 20_000,
    });
    await cluster.waitUntilHealthy();
    await expectPrimaryEverywhere(cluster.primaryOf(0).id);
    await cluster.restart(dead);
    expect([dead.state, dead.role]).toEqual(['running', 'replica']);
    expect(roles(cluster).filter((each) => each.endsWith('running'))).toHaveLength(6);
  });

  it('forces a failover past a primary that hangs, and makes it a replica when it goes on', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    const hung = cluster.primaryOf(16_383);
    const link = connectTo(hung);
    await link.ping();
    await cluster.hang(hung);
    expect(hung.state).toBe('hung');
    const unanswered = link.ping().catch(() => 'lost');
    const promoted = await cluster.failover(hung.shard, { mode: 'force' });
    expect(cluster.primaryOf(16_383)).toBe(promoted);
    await cluster.resume(hung);
    expect([hung.state, hung.role]).toEqual(['running', 'replica']);
    // The link had stayed open all the time: what was asked is answered now.
    expect(await unanswered).toBe('PONG');
    link.disconnect();
  });

  it('takes hang and resume twice as once, and refuses both for a stopped node', async () => {
    const [replica] = cluster.replicasOf(0) as [ReturnType<typeof cluster.replicasOf>[0]];
    await cluster.hang(replica);
    await cluster.hang(replica);
    await cluster.resume(replica);
    await cluster.resume(replica);
    await cluster.kill(replica);
    await cluster.kill(replica);
    await expect(cluster.hang(replica)).rejects.toThrow(/is stopped/);
    await expect(cluster.resume(replica)).rejects.toThrow(/restart it/);
    await cluster.restart(replica);
    await cluster.waitUntilHealthy();
  });

  it('restarts a running replica at the same address with the same id', async () => {
    const [replica] = cluster.replicasOf(0) as [ReturnType<typeof cluster.replicasOf>[0]];
    const { pid } = replica;
    await cluster.restart(replica);
    expect(replica.pid).not.toBe(pid);
    expect(await ask(replica, ['CLUSTER', 'MYID'])).toBe(replica.id);
  });

  it('refuses to force a failover without a majority, where a takeover still works', async () => {
    const primaries = cluster.nodes.filter(({ role }) => role === 'primary');
    await Promise.all(primaries.slice(0, 2).map((node) => cluster.hang(node)));
    const [first] = primaries as [(typeof primaries)[0]];
    await expect(cluster.failover(first.shard, { mode: 'force' })).rejects.toThrow('1 of 3 run');
    const promoted = await cluster.failover(first.shard, { mode: 'takeover' });
    expect(promoted.role).toBe('primary');
    for (const node of primaries.slice(0, 2)) await cluster.resume(node);
    await cluster.waitUntilHealthy();
  });
});
