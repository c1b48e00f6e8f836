import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AuthRejectedError,
  type ClientEvents,
  type ClusterClient,
  createClient,
  LinkLostError,
  RedirectLimitError,
  ReplyError,
  type SlotwiseError,
} from '../../../src/index.js';
import { eventually, type FaultProxy, LocalCluster, type LocalNode } from '../../../src/testing/index.js';
import { slotOfKey } from '../../../src/topology/index.js';
import { failureOf, nodeOf, tagOf } from './support/watch.js';

const ALL = Number.POSITIVE_INFINITY;
const QUIET = { refreshIntervalMs: 0 };

// One proxied cluster throughout: each test leaves it without faults.
describe('a node that answers as it should not', () => {
  let cluster: LocalCluster;
  let client: ClusterClient;
  let node: LocalNode;
  let other: LocalNode;
  let replica: LocalNode;
  let proxy: FaultProxy;
  let key: string;
  let retried: Array<ClientEvents['commandRetried']>;

  beforeAll(async () => {
    cluster = await LocalCluster.start({ shards: 2, replicasPerShard: 1, proxied: true });
    node = cluster.primaryOf(0);
    other = cluster.nodes.find(({ role, shard }) => role === 'primary' && shard !== node.shard)!;
    [replica] = cluster.replicasOf(0) as [LocalNode];
    proxy = cluster.proxyOf(node);
    key = tagOf(cluster, node.shard);
  });
  afterAll(() => cluster?.stop());
  beforeEach(async () => {
    client = await createClient({ seeds: cluster.seeds, topology: QUIET });
    retried = [];
    client.on('commandRetried', (event) => retried.push(event));
    await client.set(key, '0');
  });
  afterEach(async () => {
    await client?.close({ drainMs: 100 });
    await cluster.heal();
  });

  const outcomes = (): string[] => retried.map(({ attempt }) => attempt.outcome);
  const seenBy = (of: LocalNode, command: string): number =>
    cluster.proxyOf(of).counters.commands[command] ?? 0;

  it.each([
    'CLUSTERDOWN The cluster is down',
    'CLUSTERDOWN Hash slot not served',
    'LOADING Redis is loading the dataset in memory',
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    "READONLY You can't write against a read only replica.",
  ])('with %s did nothing: also what must run once is sent again, and runs once', async (error) => {
    proxy.answer({ error, count: 3, commands: ['INCR'] });
    expect(await client.incr(key)).toBe(1);
    const [word] = error.split(' ');
    expect(outcomes()).toEqual([word, word, word]);
    expect(retried[0]!.attempt.node).toBe(node.address);
    expect(client.snapshot().counters).toMatchObject({ retries: 3, failures: 0 });
    expect(proxy.faults).toEqual([]);
  });

  it.each(['CLUSTERDOWN The cluster is down', 'TRYAGAIN Later', 'LOADING Redis is loading'])(
    'with %s for ever ends the call by its deadline, with the words of the server, not executed',
    async (error) => {
      proxy.answer({ error, count: ALL, commands: ['INCR'] });
      const late = (await failureOf(client.with({ timeoutMs: 300 }).incr(key))) as SlotwiseError;
      expect(late).toMatchObject({ executed: 'no', retryable: true });
      expect(late.message).toContain(error);
      expect(late.attempts.length).toBeGreaterThan(1);
      for (const attempt of late.attempts) expect(attempt.node).toBe(node.address);
      await proxy.clear('answer');
      expect(await client.get(key)).toBe('0');
    },
  );

  it('with LOADING is passed over by reads that may go elsewhere', async () => {
    const reader = client.with({ readFrom: 'preferReplica' });
    await eventually('the replica has it', async () => expect(await reader.get(key)).toBe('0'));
    cluster.proxyOf(replica).answer({ error: 'LOADING Redis is loading', count: ALL, commands: ['GET'] });
    const before = seenBy(replica, 'GET');
    const replies = await Promise.all(Array.from({ length: 50 }, () => reader.get(key)));
    expect(new Set(replies)).toEqual(new Set(['0']));
    for (let i = 0; i < 20; i++) expect(await reader.get(key)).toBe('0');
    expect(nodeOf(client, replica.address).condition).toMatch(/unready|well/);
    // Those that were under way, and one now and then to see whether it is over.
    expect(seenBy(replica, 'GET') - before).toBeLessThan(60);
    expect(client.snapshot().counters.failures).toBe(0);
    await cluster.heal();
    const atEnd = seenBy(replica, 'GET');
    await eventually('reads have come back', async () => {
      await reader.get(key);
      return seenBy(replica, 'GET') > atEnd + 5;
    });
  });

  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", ReplyError, 'no'],
    ['MISCONF Redis is configured to save RDB snapshots', ReplyError, 'no'],
    ['NOPERM this user has no permissions to run the command', AuthRejectedError, 'no'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', ReplyError, 'yes'],
    ['ERR something else', ReplyError, 'yes'],
  ] as const)('with %s is believed: the call ends at once', async (error, kind, executed) => {
    proxy.answer({ error, commands: ['INCR'] });
    const told = (await failureOf(client.incr(key))) as SlotwiseError;
    expect(told).toBeInstanceOf(kind);
    expect(told).toMatchObject({ executed, message: error });
    expect(retried).toEqual([]);
    expect(await client.incr(key)).toBe(1);
  });

  it('with NOAUTH to a client without credentials ends the call, and says so', async () => {
    proxy.answer({ error: 'NOAUTH Authentication required.', commands: ['INCR'] });
    expect(await failureOf(client.incr(key))).toMatchObject({
      code: 'AUTH_REJECTED',
      executed: 'no',
      message: 'NOAUTH Authentication required.',
    });
    expect(await client.incr(key)).toBe(1);
  });

  it.each([
    ['MOVED', /the slot is ''/],
    ['MOVED 99999 127.0.0.1:1', /the slot is '99999'/],
    ['MOVED -1 127.0.0.1:1', /the slot is '-1'/],
    ['MOVED 1 127.0.0.1:99999', /does not end with a port/],
    ['MOVED 1 nonsense', /does not end with a port/],
    ['MOVED x y z', /the slot is 'x'/],
    ['MOVED 1 ?:6379', /host of the slot's node is unknown/],
    ['ASK 1 127.0.0.1:0', /does not end with a port/],
  ])('with %s is not believed: a clear error, and nobody is dialled', async (error, why) => {
    proxy.answer({ error, commands: ['INCR'], count: ALL });
    const { version } = client.topology;
    const told = (await failureOf(client.incr(key))) as SlotwiseError;
    expect(told).toBeInstanceOf(RedirectLimitError);
    expect(told.executed).toBe('no');
    expect(told.message).toContain(node.address);
    expect(told.message).toMatch(why);
    expect(client.topology.version).toBe(version);
  });

  it('with a MOVED to nobody that a topology names is not believed, however often it says so', async () => {
    proxy.answer({ error: `MOVED ${slotOfKey(key)} 127.0.0.1:9`, count: ALL, commands: ['INCR'] });
    const dialled: string[] = [];
    client.on('linkFailed', ({ node: address }) => dialled.push(address));
    const told = (await failureOf(client.incr(key))) as SlotwiseError;
    expect(told).toBeInstanceOf(RedirectLimitError);
    expect(told).toMatchObject({ executed: 'no' });
    expect(told.message).toContain(`${node.address} sent incr to 127.0.0.1:9, which no topology names`);
    expect(dialled).toEqual([]);
    expect(client.topology.nodeAt('127.0.0.1:9')).toBeUndefined();
    await proxy.clear('answer');
    expect(await client.incr(key)).toBe(1);
  });

  it('in a circle with another is left after the redirects that are allowed', async () => {
    await using hasty = await createClient({
      seeds: cluster.seeds,
      topology: QUIET,
      commands: { maxRedirects: 5 },
    });
    const slot = slotOfKey(key);
    proxy.answer({ error: `MOVED ${slot} ${other.address}`, count: ALL, commands: ['INCR'] });
    cluster.proxyOf(other).answer({ error: `MOVED ${slot} ${node.address}`, count: ALL, commands: ['INCR'] });
    const told = (await failureOf(hasty.incr(key))) as SlotwiseError;
    expect(told).toBeInstanceOf(RedirectLimitError);
    expect(told).toMatchObject({ executed: 'no', retryable: true });
    expect(told.message).toContain('commands.maxRedirects (5)');
    expect(told.message).toContain(`slot ${slot}`);
    expect(told.attempts.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 6 }, () => 'MOVED'));
    await cluster.heal();
    expect(await hasty.incr(key)).toBe(1);
  });

  it('with a MOVED to the wrong shard is corrected by who knows better', async () => {
    proxy.answer({ error: `MOVED ${slotOfKey(key)} ${other.address}`, commands: ['INCR'] });
    expect(await client.incr(key)).toBe(1);
    expect(await client.incr(key)).toBe(2);
    expect(client.snapshot().counters.failures).toBe(0);
  });

  it('with an empty host in its MOVED means itself', async () => {
    proxy.answer({ error: `MOVED ${slotOfKey(key)} :${node.port}`, commands: ['INCR'] });
    expect(await client.incr(key)).toBe(1);
  });

  it('by closing when it is written to as a replica is left for the primary', async () => {
    const proxies = cluster.nodes.map((each) => cluster.proxyOf(each));
    for (const each of proxies) each.closeOnReplicaWrite();
    const before = await client.incr(key);
    expect(before).toBe(1);
    await cluster.failover(node.shard);
    try {
      // Not repeatable by itself: that it was closed before it ran is not to be known.
      const once = await failureOf(client.incr(key));
      if (once !== undefined) expect(once).toMatchObject({ code: 'LINK_LOST', executed: 'maybe' });
      await eventually('the primary is known', async () => {
        expect(await client.with({ idempotent: true }).set(key, '7')).toBe('OK');
      });
      expect(client.topology.shardOf(slotOfKey(key))!.primary!.address).toBe(replica.address);
    } finally {
      await cluster.failover(node.shard, { to: node });
    }
  });

  it('and cuts the connection in the midst of it: reads are asked again, writes say that they may have run', async () => {
    await client.set(key, 'x'.repeat(1_000));
    proxy.cut({ afterBytes: 100, commands: ['GET'] });
    expect(await client.get(key)).toBe('x'.repeat(1_000));
    expect(outcomes()).toEqual(['link lost']);
    await client.set(key, '5');
    proxy.cut({ afterBytes: 1, commands: ['INCR'] });
    const told = (await failureOf(client.incr(key))) as SlotwiseError;
    expect(told).toBeInstanceOf(LinkLostError);
    expect(told).toMatchObject({ executed: 'maybe', retryable: false });
    expect(await client.get(key)).toBe('6');
    proxy.cut({ afterBytes: 0, commands: ['SET'] });
    expect(await client.set(key, '8')).toBe('OK');
    expect(await client.get(key)).toBe('8');
  });

  it('in no language that is known is not listened to any more, and is asked anew', async () => {
    proxy.garbage({ commands: ['GET'] });
    expect(await client.get(key)).toBe('0');
    proxy.garbage({ bytes: '$-7\r\n', commands: ['GET'] });
    expect(await client.get(key)).toBe('0');
    proxy.garbage({ bytes: '*99999999999999\r\n', commands: ['GET'] });
    expect(await client.get(key)).toBe('0');
    proxy.garbage({ commands: ['INCR'] });
    expect(await failureOf(client.incr(key))).toMatchObject({ code: 'LINK_LOST', executed: 'maybe' });
    expect(await client.get(key)).toBe('1');
  });

  it('in single bytes is understood', async () => {
    proxy.split();
    const value = 'é\r\n$5\r\n'.repeat(50);
    expect(await client.set(key, value)).toBe('OK');
    expect(await client.get(key)).toBe(value);
    expect(await client.getBuffer(key)).toEqual(Buffer.from(value));
    expect(await failureOf(client.incr(key))).toMatchObject({ code: 'REPLY' });
    const many = await Promise.all(Array.from({ length: 50 }, () => client.strlen(key)));
    expect(new Set(many).size).toBe(1);
  });

  it('not at all, behind a network that swallows everything, is passed over by reads and used again', async () => {
    const reader = client.with({ readFrom: 'preferReplica' });
    await eventually('the replica has it', async () => expect(await reader.get(key)).toBe('0'));
    const [there] = cluster.replicasOf(0) as [LocalNode];
    cluster.proxyOf(there).blackhole();
    for (let i = 0; i < 20; i++) expect(await reader.get(key)).toBe('0');
    expect(nodeOf(client, there.address).condition).toBe('suspect');
    expect(client.snapshot().counters.rerouted).toBeGreaterThan(0);
    expect(reader.explain(key).candidates.map(({ health }) => health)).toEqual(['avoided', 'usable']);
    await cluster.heal();
    await eventually('it is well again', () => nodeOf(client, there.address).condition === 'well');
    const { sent } = nodeOf(client, there.address);
    await eventually('reads have come back', async () => {
      await reader.get(key);
      return nodeOf(client, there.address).sent > sent + 5;
    });
    expect(client.snapshot().counters.failures).toBe(0);
  });

  it('on one link but on no other is given a new one, and what it was asked is told or asked again', async () => {
    await using eager = await createClient({
      seeds: cluster.seeds,
      topology: QUIET,
      commands: { timeoutMs: 10_000 },
      links: { hungAfterMs: 50, dropAfterMs: 1_000 },
    });
    await eager.set(key, '0');
    const closed: string[] = [];
    eager.on('linkClosed', ({ node: address }) => closed.push(address));
    proxy.blackhole();
    const [read, write] = [eager.get(key), failureOf(eager.incr(key))];
    expect(await write).toMatchObject({ code: 'LINK_LOST', executed: 'maybe' });
    expect(closed).toContain(node.address);
    await cluster.heal();
    expect(['0', '1']).toContain(await read);
    expect(await eager.set(key, '3')).toBe('OK');
  });
});

describe('a node that forgets who we are', () => {
  it('is told anew, once, and what it refused is done', async () => {
    await using cluster = await LocalCluster.start({
      shards: 1,
      replicasPerShard: 0,
      proxied: true,
      password: 'secret',
    });
    await using client = await createClient({ seeds: cluster.seeds, credentials: { password: 'secret' } });
    await client.set('a', '0');
    const proxy = cluster.proxyOf(cluster.nodes[0]!);
    const opened: string[] = [];
    client.on('linkOpened', ({ node }) => opened.push(node));
    const signedIn = proxy.counters.commands['AUTH'] ?? 0;
    proxy.answer({ error: 'NOAUTH Authentication required.', commands: ['INCR'] });
    expect(await client.incr('a')).toBe(1);
    expect(opened).toHaveLength(1);
    expect(proxy.counters.commands['AUTH']).toBe(signedIn + 1);
    // What is in flight behind it is not refused because of it. In single bytes, so that it is not answered with it.
    proxy.split('toClient');
    proxy.answer({ error: 'NOAUTH Authentication required.', commands: ['INCR'] });
    const first = client.incr('c');
    const behind = Array.from({ length: 20 }, () => client.get('b'));
    const [counted, ...read] = await Promise.all([first, ...behind]);
    expect([counted, ...new Set(read)]).toEqual([1, null]);
    await proxy.clear('split');
    proxy.answer({ error: 'NOAUTH Authentication required.', commands: ['INCR'], count: ALL });
    const told = await failureOf(client.incr('a'));
    expect(told).toBeInstanceOf(AuthRejectedError);
    expect(told).toMatchObject({ executed: 'no' });
    await proxy.clear('answer');
    expect(await client.incr('a')).toBe(2);
  });
});
