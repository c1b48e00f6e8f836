import { describe, expect, it } from 'vitest';
import { type ClusterClient, createClient, type SlotwiseError } from '../../../src/index.js';
import { eventually, LocalCluster } from '../../../src/testing/index.js';
import { Load, workOn } from './support/load.js';
import { failureOf, nodeOf, tagOf } from './support/watch.js';

describe('a client that is closed while a node hangs', () => {
  it('settles what is in flight, what waits and what is queued, and leaves nothing open', async () => {
    await using cluster = await LocalCluster.start({ shards: 2, replicasPerShard: 0 });
    const hung = cluster.primaryOf(0);
    const tag = tagOf(cluster, hung.shard);
    const other = tagOf(cluster, cluster.nodes.find((node) => node !== hung)!.shard);
    const client = await createClient({ seeds: cluster.seeds, links: { hungAfterMs: 50 } });
    await Promise.all([client.get(tag), client.get(other)]);
    await cluster.hang(hung);
    const inFlight = [client.incr(tag), client.set(tag, '1')].map(failureOf);
    await eventually('it is suspect', () => nodeOf(client, hung.address).condition === 'suspect');
    const waiting = [client.incr(tag), client.get(tag)].map(failureOf);
    expect(client.snapshot().waiting).toBe(2);
    const closed = client.close({ drainMs: 50 });
    for (const error of await Promise.all(waiting))
      expect(error).toMatchObject({ code: 'CLIENT_CLOSED', executed: 'no' });
    for (const error of await Promise.all(inFlight))
      expect(error).toMatchObject({ code: 'CLIENT_CLOSED', executed: 'maybe' });
    await closed;
    expect(client.status).toBe('closed');
    expect(await failureOf(client.get(other))).toMatchObject({ code: 'CLIENT_CLOSED', executed: 'no' });
    // That no socket and no timer is left is seen by the check at the end of this file.
  });

  it('ends while its first link is still being opened', async () => {
    await using cluster = await LocalCluster.start({ shards: 1, replicasPerShard: 0 });
    const node = cluster.nodes[0]!;
    const client = await createClient({ seeds: cluster.seeds, links: { hungAfterMs: 50 } });
    await client.get('a');
    await cluster.restart(node);
    await cluster.hang(node);
    const calls = [client.get('a'), client.set('a', '1'), client.dbsize()].map(failureOf);
    await client.close({ drainMs: 0 });
    for (const error of await Promise.all(calls)) expect((error as SlotwiseError).code).toBe('CLIENT_CLOSED');
  });
});

describe('listeners that throw', () => {
  it('harm nothing, whatever happens to the nodes', async () => {
    await using cluster = await LocalCluster.start({ shards: 1, replicasPerShard: 1 });
    await using client = await createClient({ seeds: cluster.seeds, links: { hungAfterMs: 50 } });
    const told = new Set<string>();
    const events = [
      'nodeSuspected',
      'nodeRecovered',
      'linkClosed',
      'linkOpened',
      'commandFailed',
      'commandRetried',
      'topologyRefreshed',
      'circuitOpened',
      'circuitClosed',
    ] as const;
    for (const event of events) {
      client.on(event, () => {
        told.add(event);
        throw new Error(`a listener for ${event} of a test`);
      });
    }
    const load = new Load(workOn(client.with({ readFrom: 'preferReplica' }), 'all', 'a'));
    const primary = cluster.primaryOf(0);
    try {
      await load.goesOn(['GET', 'SET', 'INCR']);
      await cluster.hang(primary);
      await eventually('it is suspect', () => told.has('nodeSuspected'));
      await load.goesOn(['GET']);
      await cluster.resume(primary);
      await eventually('it is well', () => told.has('nodeRecovered'));
      await client.refreshTopology();
      await load.goesOn(['GET', 'SET', 'INCR']);
      const [replica] = cluster.replicasOf(0);
      await cluster.restart(replica!);
      await load.goesOn(['GET', 'SET', 'INCR']);
    } finally {
      await load.stop();
    }
    expect(await failureOf(client.incrby('a', 'x'))).toMatchObject({ code: 'REPLY' });
    expect(load.failures).toEqual([]);
    expect([...told]).toEqual(expect.arrayContaining(['linkClosed', 'commandFailed', 'topologyRefreshed']));
  });
});

describe('a password that is changed', () => {
  async function changePassword(
    cluster: LocalCluster,
    admin: ClusterClient,
    password: string,
  ): Promise<void> {
    for (const { address } of cluster.nodes) {
      const node = admin.with({ route: address });
      await node.call('ACL', 'SETUSER', 'app', 'resetpass', `>${password}`);
      await node.call('CLIENT', 'KILL', 'USER', 'app');
    }
  }

  it('is asked for anew by links that are cut off, and told clearly when nobody knows it', async () => {
    await using cluster = await LocalCluster.start({
      shards: 2,
      replicasPerShard: 0,
      users: [{ name: 'app', password: 'first' }],
    });
    const seeds = cluster.seeds;
    await using admin = await createClient({ seeds });
    let known = 'first';
    await using rotating = await createClient({
      seeds,
      credentials: { getCredentials: () => Promise.resolve({ username: 'app', password: known }) },
    });
    await using fixed = await createClient({ seeds, credentials: { username: 'app', password: 'first' } });
    await Promise.all([rotating.mset('a', 1, 'b', 2, 'c', 3), fixed.mset('d', 1, 'e', 2, 'f', 3)]);

    known = 'second';
    await changePassword(cluster, admin, 'second');
    await eventually('the links are gone', () =>
      rotating.snapshot().nodes.every(({ link }) => link !== 'ready'),
    );
    expect(await rotating.mset('a', 4, 'b', 5, 'c', 6)).toBe('OK');
    expect(await rotating.mget('a', 'b', 'c')).toEqual(['4', '5', '6']);

    const refused = (await failureOf(fixed.set('d', 7))) as SlotwiseError;
    expect(refused).toMatchObject({ code: 'AUTH_REJECTED', executed: 'no', retryable: false });
    expect(refused.message).toMatch(/WRONGPASS.*127\.0\.0\.1/);
    expect(JSON.stringify(refused) + String(refused.stack)).not.toMatch(/first|second/);
    const { address } = cluster.primaryOf('d');
    expect(nodeOf(fixed, address).condition).toBe('down');
    // A node that refuses us is asked again now and then; each call says at once why it cannot be made.
    expect(await failureOf(fixed.get('d'))).toMatchObject({ code: 'AUTH_REJECTED' });
    await changePassword(cluster, admin, 'first');
    await eventually('it is let in again', async () => expect(await fixed.set('d', 8)).toBe('OK'));
  });
});
