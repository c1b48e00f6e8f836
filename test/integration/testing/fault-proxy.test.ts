import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InvalidArgumentError, InvalidOptionsError } from '../../../src/errors/index.js';
import { eventually, FaultProxy, HarnessError, LocalCluster } from '../../../src/testing/index.js';
import { ask, connectTo } from './connect.js';
import { openWire, type Wire } from './wire.js';

const PING = '*1\r\n$4\r\nPING\r\n';

describe('a proxy before a server', () => {
  let cluster: LocalCluster;
  let proxy: FaultProxy;
  let wires: Wire[];
  beforeAll(async () => {
    cluster = await LocalCluster.start({ mode: 'standalone' });
  });
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    wires = [];
    proxy = await FaultProxy.start({ target: cluster.primaryOf(0) });
  });
  afterEach(async () => {
    for (const { socket } of wires) socket.destroy();
    await proxy.stop();
  });

  async function wire(): Promise<Wire> {
    const opened = await openWire(proxy);
    wires.push(opened);
    return opened;
  }

  /** A wire on which a first command was answered: both its halves stand. */
  async function wireInUse(): Promise<Wire> {
    const opened = await wire();
    opened.send(PING);
    await opened.expect('+PONG\r\n');
    opened.chunks.length = 0;
    return opened;
  }

  /** By asking the server past the proxy. */
  const direct = (...command: [string, ...Array<string | number>]): Promise<unknown> =>
    ask(cluster.primaryOf(0), command);

  it('passes what any client says, of any size, and counts it', async () => {
    const redis = new Redis({ host: proxy.host, port: proxy.port });
    const big = 'x'.repeat(5_000_000);
    await redis.set('big', big);
    expect(await redis.get('big')).toBe(big);
    const many = Array.from({ length: 2_000 }, (_, i) => redis.incr(`n:${i % 7}`));
    await Promise.all(many);
    await redis.cluster('INFO').catch(() => undefined);
    const { commands, openConnections, totalConnections, bytesToClient, bytesToServer } = proxy.counters;
    expect(commands).toMatchObject({ SET: 1, GET: 1, INCR: 2_000, 'CLUSTER INFO': 1 });
    expect([openConnections, totalConnections]).toEqual([1, 1]);
    expect(Math.min(bytesToClient, bytesToServer)).toBeGreaterThan(big.length);
    redis.disconnect();
    await eventually('the connection is gone', () => proxy.counters.openConnections === 0);
    proxy.resetCounters();
    expect(proxy.counters).toEqual({
      openConnections: 0,
      totalConnections: 0,
      bytesToClient: 0,
      bytesToServer: 0,
      commands: {},
    });
  });

  it('passes the end of a connection on, in both directions', async () => {
    const first = await wireInUse();
    const id = await direct('CLIENT', 'LIST');
    expect(String(id).match(/cmd=ping/g)).toHaveLength(1);
    first.socket.end();
    await first.ended('end');
    await eventually('the server has seen it go', async () =>
      expect(String(await direct('CLIENT', 'LIST'))).not.toContain('cmd=ping'),
    );
    const second = await wireInUse();
    await direct('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await eventually('the client has heard of it', () => second.ending !== undefined);
  });

  it('delays replies in order, and lets go what waits when the latency is taken away', async () => {
    proxy.latency({ ms: 600_000, jitterMs: 600_000 });
    expect(proxy.faults).toEqual(['latency']);
    const held = await wire();
    held.send(PING + '*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n');
    await eventually('the server has seen it', () => proxy.counters.bytesToClient >= 15);
    expect(held.text).toBe('');
    proxy.latency({ ms: 5, jitterMs: 20 });
    await held.expect('+PONG\r\n$2\r\nhi\r\n');
    const redis = new Redis({ host: proxy.host, port: proxy.port });
    const replies = await Promise.all(Array.from({ length: 200 }, (_, i) => redis.echo(String(i))));
    expect(replies).toEqual(Array.from({ length: 200 }, (_, i) => String(i)));
    redis.disconnect();
    proxy.latency({ ms: 0 });
    expect(proxy.faults).toEqual([]);
  });

  it('delays commands, so that the server hears of them late', async () => {
    const open = await wireInUse();
    proxy.latency({ ms: 600_000, direction: 'toServer' });
    open.send('*3\r\n$3\r\nSET\r\n$4\r\nlate\r\n$1\r\n1\r\n');
    await eventually('the proxy has it', () => proxy.counters.bytesToServer > PING.length);
    expect(await direct('EXISTS', 'late')).toBe(0);
    await proxy.clear('latency');
    await open.expect('+OK\r\n');
    expect(await direct('EXISTS', 'late')).toBe(1);
  });

  it('swallows nothing in a blackhole: what was sent arrives when it is gone', async () => {
    const open = await wireInUse();
    proxy.blackhole();
    const fresh = await wire();
    fresh.send(PING);
    open.send(PING);
    await eventually('the proxy has both', () => proxy.counters.bytesToServer >= 3 * PING.length);
    // The new one never came as far as the server.
    expect(String(await direct('CLIENT', 'LIST')).match(/^id=/gm)).toHaveLength(3);
    expect([open.text, open.ending, fresh.text, fresh.ending]).toEqual(['', undefined, '', undefined]);
    await proxy.clear('blackhole');
    await open.expect('+PONG\r\n');
    await fresh.expect('+PONG\r\n');
  });

  it('can be a blackhole one way only: the command is executed, its reply does not come', async () => {
    const open = await wireInUse();
    proxy.blackhole('toClient');
    open.send('*2\r\n$4\r\nINCR\r\n$7\r\none-way\r\n');
    await eventually('the server has it', async () => expect(await direct('GET', 'one-way')).toBe('1'));
    expect(open.text).toBe('');
    proxy.blackhole('toServer');
    await open.expect(':1\r\n');
    open.send('*2\r\n$4\r\nINCR\r\n$7\r\none-way\r\n');
    await eventually('the proxy has it', () => proxy.counters.commands['INCR'] !== undefined);
    expect(await direct('GET', 'one-way')).toBe('1');
    await proxy.clear();
    await open.expect(':1\r\n:2\r\n');
  });

  it('forgets a client that gave up before anything could pass', async () => {
    proxy.blackhole();
    const fresh = await wire();
    fresh.send(PING);
    fresh.socket.destroy();
    await eventually('it is gone', () => proxy.counters.openConnections === 0);
  });

  it('refuses new connections, keeps the open ones, and can be entered again at the same port', async () => {
    const open = await wireInUse();
    await proxy.refuse();
    await expect(openWire(proxy)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    open.send(PING);
    await open.expect('+PONG\r\n');
    await proxy.clear('refuse');
    await wireInUse();
  });

  it('breaks off every open connection', async () => {
    const open = [await wireInUse(), await wireInUse()];
    expect(proxy.reset()).toBe(2);
    for (const each of open) await each.ended('reset');
    await eventually('none is left', () => proxy.counters.openConnections === 0);
    await wireInUse();
  });

  it('closes in the midst of a reply', async () => {
    await direct('SET', 'greeting', 'hello');
    const open = await wireInUse();
    proxy.cut({ afterBytes: 6, commands: ['GET'] });
    open.send(`${PING}*2\r\n$3\r\nGET\r\n$8\r\ngreeting\r\n`);
    await open.ended('end');
    expect(open.text).toBe('+PONG\r\n$5\r\nhe');
    expect(proxy.faults).toEqual([]);
    const redis = new Redis({ host: proxy.host, port: proxy.port, retryStrategy: () => null });
    redis.on('error', () => undefined);
    await redis.ping();
    proxy.cut({ afterBytes: 0 });
    await expect(redis.get('greeting')).rejects.toThrow('Connection is closed');
  });

  it('lets every byte travel by itself', async () => {
    const open = await wireInUse();
    proxy.split();
    open.send(PING);
    await open.expect('+PONG\r\n');
    expect(open.chunks.map((chunk) => chunk.length)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    await proxy.clear('split');
    open.send(PING);
    await open.expect('+PONG\r\n+PONG\r\n');
  });

  it('puts garbage in the place of a reply', async () => {
    const open = await wireInUse();
    proxy.garbage({ commands: ['PING'], bytes: '\0\0\0' });
    open.send(PING + PING);
    await open.expect('\0\0\0+PONG\r\n');
    const redis = new Redis({ host: proxy.host, port: proxy.port, retryStrategy: () => null });
    redis.on('error', () => undefined);
    await redis.ping();
    proxy.garbage();
    await expect(redis.get('a')).rejects.toThrow('Unknown RESP type');
  });

  it('drains slowly, and lets the sender wait rather than growing', async () => {
    await direct('SET', 'long', 'y'.repeat(50_000));
    const open = await wireInUse();
    proxy.slow({ bytesPerSecond: 20_000 });
    // Eight times what the proxy holds, beyond the buffers of both sockets.
    const replies = 8 * 24;
    open.send('*2\r\n$3\r\nGET\r\n$4\r\nlong\r\n'.repeat(replies));
    await eventually('the first bytes have come', () => open.text.length > 1_000);
    expect(open.text.length).toBeLessThan(replies * 50_000);
    expect(proxy.counters.bytesToClient).toBeLessThan(4 * 1024 * 1024);
    await proxy.clear('slow');
    const whole = replies * ('$50000\r\n'.length + 50_002);
    await eventually(
      'all has come',
      () => open.chunks.reduce((sum, { length }) => sum + length, 0) === whole,
    );
  });

  it('closes in the place of READONLY when a client writes to a replica', async () => {
    const replica = cluster.replicasOf(0)[0] as (typeof cluster.nodes)[0];
    await using before = await FaultProxy.start({ target: replica });
    const redis = connectTo({ ...replica, host: before.host, port: before.port });
    await expect(redis.set('a', '1')).rejects.toThrow('READONLY');
    before.closeOnReplicaWrite();
    await redis.get('a');
    await expect(redis.set('a', '1')).rejects.toThrow('Connection is closed');
    redis.disconnect();
    const open = await openWire(before);
    wires.push(open);
    open.send('SET a 1\r\n');
    await open.ended('end');
    expect(open.text).toBe('');
  });

  it('answers in the place of the server, which does not see the command', async () => {
    await direct('SET', 'answered', 'before');
    const redis = new Redis({ host: proxy.host, port: proxy.port });
    const errors = [
      'LOADING Redis is loading the dataset in memory',
      'CLUSTERDOWN The cluster is down',
      "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
      'TRYAGAIN Multiple keys request during rehashing of slot',
      'BUSY Redis is busy running a script.',
      "OOM command not allowed when used memory > 'maxmemory'.",
      'NOAUTH Authentication required.',
      'MOVED 1 10.0.0.1:1',
    ];
    for (const error of errors) proxy.answer({ error, commands: ['SET'] });
    for (const error of errors) await expect(redis.set('answered', 'after')).rejects.toThrow(error);
    expect(await direct('GET', 'answered')).toBe('before');
    proxy.answer({ error: 'BUSY now', count: Number.POSITIVE_INFINITY });
    const replies = await Promise.allSettled([redis.ping(), redis.get('answered'), redis.ping()]);
    expect(replies.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await proxy.clear('answer');
    expect(await redis.set('answered', 'after')).toBe('OK');
    redis.disconnect();
  });

  it('shows several faults at once, and none when all are cleared', async () => {
    const open = await wireInUse();
    proxy.split();
    proxy.latency({ ms: 1, direction: 'both' });
    proxy.slow({ bytesPerSecond: 1_000 });
    proxy.answer({ error: 'BUSY', commands: ['PING'] });
    expect(proxy.faults).toEqual(['latency', 'split', 'slow', 'answer']);
    open.send(PING);
    await open.expect('-BUSY\r\n');
    expect(open.chunks).toHaveLength(7);
    await proxy.clear();
    expect(proxy.faults).toEqual([]);
    open.send(PING);
    await open.expect('-BUSY\r\n+PONG\r\n');
  });

  it('breaks a client off when the server is not there', async () => {
    await using nowhere = await FaultProxy.start({ target: { host: '127.0.0.1', port: 1 } });
    const open = await openWire(nowhere);
    wires.push(open);
    await open.ended('reset');
  });

  it('says what is wrong with an order, and that it has stopped', async () => {
    await expect(FaultProxy.start({ target: { host: '', port: 0 }, sede: 1 } as never)).rejects.toMatchObject(
      {
        problems: [{ path: 'sede' }, { path: 'target.host' }, { path: 'target.port' }],
      },
    );
    await expect(FaultProxy.start({} as never)).rejects.toBeInstanceOf(InvalidOptionsError);
    expect(() => proxy.latency({ ms: -1 })).toThrow(InvalidArgumentError);
    expect(() => proxy.latency({ ms: Number.NaN })).toThrow('latency: ms is a number from 0');
    expect(() => proxy.blackhole('up' as 'both')).toThrow('toServer, toClient, both');
    expect(() => proxy.slow({ bytesPerSecond: 0 })).toThrow(InvalidArgumentError);
    expect(() => proxy.cut({ afterBytes: 1.5 })).toThrow('whole number');
    expect(() => proxy.answer({ error: '-ERR no' })).toThrow('without the leading dash');
    expect(() => proxy.answer({ error: 'ERR no', count: 0 })).toThrow('count');
    expect(() => proxy.answer({ error: 'ERR no', commands: [] })).toThrow('commands');
    expect(() => proxy.garbage({ bytes: '' })).toThrow('empty');
    await expect(proxy.clear('dark' as 'slow')).rejects.toThrow('there is no fault dark');
    expect(proxy.faults).toEqual([]);
    await proxy.stop();
    await proxy.stop();
    expect(() => proxy.split()).toThrow(HarnessError);
    await expect(proxy.refuse()).rejects.toThrow('the proxy is stopped');
    await expect(openWire(proxy)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('a proxy before a server with TLS', () => {
  let cluster: LocalCluster;
  let proxy: FaultProxy;
  let redis: Redis;
  beforeAll(async () => {
    cluster = await LocalCluster.start({ mode: 'standalone', tls: true, replicasPerShard: 0 });
    proxy = await FaultProxy.start({ target: cluster.primaryOf(0), tls: true });
  });
  afterAll(async () => {
    await proxy.stop();
    await cluster.stop();
  });
  beforeEach(async () => {
    redis = connectTo({ ...proxyAddress() }, { tls: { ...cluster.tls } });
    await redis.ping();
  });
  afterEach(() => redis.disconnect());
  const proxyAddress = (): (typeof cluster.nodes)[0] => ({
    ...cluster.primaryOf(0),
    host: proxy.host,
    port: proxy.port,
  });

  it('delays, splits and holds what it cannot read', async () => {
    proxy.latency({ ms: 1, jitterMs: 3, direction: 'both' });
    proxy.split('toServer');
    expect(await redis.echo('through')).toBe('through');
    proxy.blackhole();
    const echo = redis.echo('held');
    await eventually('the proxy holds it', () => proxy.faults.includes('blackhole'));
    await proxy.clear();
    expect(await echo).toBe('held');
    expect(proxy.counters.commands).toEqual({});
  });

  it('breaks off and cuts what it cannot read', async () => {
    proxy.cut({ afterBytes: 3 });
    await expect(redis.ping()).rejects.toThrow('Connection is closed');
    redis = connectTo(proxyAddress(), { tls: { ...cluster.tls } });
    await redis.ping();
    proxy.reset();
    await expect(redis.ping()).rejects.toThrow('Connection is closed');
  });

  it('refuses what it would have to read', async () => {
    expect(() => proxy.garbage()).toThrow(/garbage must read .* TLS/);
    expect(() => proxy.answer({ error: 'ERR' })).toThrow(HarnessError);
    expect(() => proxy.closeOnReplicaWrite()).toThrow(HarnessError);
    expect(() => proxy.cut({ afterBytes: 1, commands: ['GET'] })).toThrow(/cut: commands/);
    await expect(proxy.staleTopology()).rejects.toThrow(HarnessError);
    expect(proxy.faults).toEqual([]);
  });
});
