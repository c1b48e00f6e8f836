import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AuthRejectedError,
  ClientClosedError,
  ClusterClient,
  CommandAbortedError,
  CommandTimeoutError,
  ConnectError,
  createClient,
  InvalidOptionsError,
  LinkLostError,
  QueueFullError,
  SeedsExhaustedError,
  type SlotwiseError,
} from '../../../src/index.js';
import { eventually, LocalCluster } from '../../../src/testing/index.js';

/** No refreshes but those that a test asks for, where what was sent is counted. */
const QUIET = { refreshIntervalMs: 0 };

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** A server that answers whatever it is told with `reply`, or with nothing. */
async function strangeServer(reply: string | undefined): Promise<{ server: Server; address: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => reply !== undefined && socket.write(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `127.0.0.1:${(server.address() as { port: number }).port}` };
}

describe('the life of a client', () => {
  let cluster: LocalCluster;

  beforeAll(async () => {
    cluster = await LocalCluster.start({ shards: 3, replicasPerShard: 1 });
  });

  afterAll(() => cluster?.stop());

  it('begins without I/O, and the first command connects it', async () => {
    await using client = new ClusterClient({ seeds: cluster.seeds });
    expect(client.status).toBe('idle');
    expect(client.topology.version).toBe(0);
    expect(await Promise.all([client.set('a', '1'), client.get('a'), client.mget('b', 'c')])).toEqual([
      'OK',
      '1',
      [null, null],
    ]);
    expect(client.status).toBe('ready');
    expect(client.topology.nodes).toHaveLength(6);
  });

  it('opens links only to nodes it talks to, unless told to open all', async () => {
    await using lazy = await createClient({ seeds: cluster.seeds[0]! });
    await lazy.get('a');
    const ready = (client: ClusterClient): number =>
      client.snapshot().nodes.filter((node) => node.link === 'ready').length;
    expect(ready(lazy)).toBeLessThanOrEqual(2);
    await using eager = await createClient({ seeds: cluster.seeds[0]!, links: { lazy: false } });
    await eventually('all links are open', () => expect(ready(eager)).toBe(6));
  });

  it('ends: what is in flight is answered, later calls are refused, and it can be ended twice', async () => {
    const client = await createClient(cluster.seeds[0]!);
    const inFlight = Promise.all(Array.from({ length: 1_000 }, (_, i) => client.set(`k${i}`, i)));
    const view = client.with({ readFrom: 'replica' });
    await Promise.all([client.close(), client.close()]);
    expect(new Set(await inFlight)).toEqual(new Set(['OK']));
    expect(client.status).toBe('closed');
    for (const late of [
      client.get('a'),
      view.get('a'),
      client.mget('a', 'b'),
      client.dbsize(),
      client.call('PING'),
      client.connect(),
    ]) {
      expect(await failureOf(late)).toBeInstanceOf(ClientClosedError);
    }
    await client.close();
  });

  it('tells of itself by events, on diagnostics channels too, and survives listeners that throw', async () => {
    const client = new ClusterClient(cluster.seeds[0]!);
    const seen: string[] = [];
    client.on('clientReady', () => seen.push('ready'));
    client.on('linkOpened', () => {
      throw new Error('a listener of a test');
    });
    client.once('topologyChanged', ({ version }) => seen.push(`topology ${version}`));
    client.on('clientClosed', ({ drained }) => seen.push(`closed ${drained}`));
    expect(() => client.on('nonsense' as 'clientReady', () => {})).toThrow(/no event 'nonsense'/);
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    await client.get('a');
    await client.close();
    expect(seen).toEqual(['topology 1', 'ready', 'closed true']);
    expect((await warned).message).toContain('linkOpened');
  });

  it('reads from whom it is told, replicas in turn', async () => {
    await using client = await createClient({ seeds: cluster.seeds, readFrom: 'replica', topology: QUIET });
    await client.set('a', '1');
    await eventually('the replica has it', async () => expect(await client.get('a')).toBe('1'));
    const sent = (role: string): number =>
      client.snapshot().nodes.reduce((sum, node) => sum + (node.role === role ? node.sent : 0), 0);
    const [primaries, replicas] = [sent('primary'), sent('replica')];
    await Promise.all(Array.from({ length: 300 }, (_, i) => client.get(`k${i}`)));
    expect(sent('primary')).toBe(primaries);
    expect(sent('replica')).toBe(replicas + 300);
    await client.with({ readFrom: 'primary' }).get('a');
    expect(sent('primary')).toBe(primaries + 1);
    const chosen = client.with({ readFrom: ({ shard }) => [shard.primary!] });
    await chosen.get('a');
    expect(sent('primary')).toBe(primaries + 2);
    expect(client.explain('a').chosen).toBe(cluster.replicasOf('a')[0]!.address);
    expect(client.explain('a', 'set').chosen).toBe(cluster.primaryOf('a').address);
  });

  it('survives functions of the caller that throw, and says whose they were', async () => {
    await using client = await createClient(cluster.seeds[0]!);
    const throwing = client.with({
      readFrom: () => {
        throw new Error('not today');
      },
    });
    expect(await failureOf(throwing.get('a'))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/read policy threw/),
      cause: expect.objectContaining({ message: 'not today' }),
    });
    expect(await throwing.set('a', '1')).toBe('OK');
    const lost = createClient({
      seeds: cluster.seeds[0]!,
      addressMap: () => {
        throw new Error('no map');
      },
    });
    const { failures } = (await failureOf(lost)) as SeedsExhaustedError;
    expect(failures[0]!.error).toMatchObject({ code: 'CONNECT', message: expect.stringMatching(/no map/) });
  });

  it('keeps its bounds: more in flight waits, more waiting is refused, and both are told apart', async () => {
    await using client = await createClient({
      seeds: cluster.seeds,
      commands: { maxInFlightPerNode: 10, maxQueuedPerNode: 50 },
    });
    await client.get('a');
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => client.get('a')));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(40);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(QueueFullError);
    expect(refused[0]!.reason.message).toMatch(/commands\.maxQueuedPerNode \(50\)/);
  });
});

describe('a call that cannot succeed', () => {
  let cluster: LocalCluster;

  beforeAll(async () => {
    cluster = await LocalCluster.start({
      shards: 2,
      replicasPerShard: 0,
      config: { 'cluster-require-full-coverage': 'no' },
    });
  });

  afterAll(() => cluster?.stop());

  it('ends by its deadline on a hung node, saying that it may have been executed; others are not held up', async () => {
    await using client = await createClient({ seeds: cluster.seeds, commands: { timeoutMs: 400 } });
    const hung = cluster.primaryOf('a');
    const other = cluster.nodes.find((node) => node.address !== hung.address)!;
    const otherKey = Array.from({ length: 100 }, (_, i) => `k${i}`).find(
      (key) => cluster.primaryOf(key).address === other.address,
    )!;
    await Promise.all([client.incr('a'), client.get(otherKey)]);
    await cluster.hang(hung);
    try {
      const stuck = Array.from({ length: 50 }, () => failureOf(client.incr('a')));
      expect(await client.get(otherKey)).toBeNull();
      for (const error of await Promise.all(stuck)) {
        expect(error).toBeInstanceOf(CommandTimeoutError);
        expect((error as SlotwiseError).executed).toBe('maybe');
        expect((error as SlotwiseError).message).toContain(hung.address);
      }
    } finally {
      await cluster.resume(hung);
    }
    await eventually('late replies are taken for what they are', async () =>
      expect(Number(await client.get('a'))).toBe(51),
    );
  });

  it('ends by its own shorter deadline, or by its signal', async () => {
    await using client = await createClient({ seeds: cluster.seeds });
    const hung = cluster.primaryOf('a');
    await client.get('a');
    await cluster.hang(hung);
    try {
      const controller = new AbortController();
      const late = failureOf(client.with({ timeoutMs: 100 }).get('a'));
      const given = failureOf(client.with({ signal: controller.signal }).get('a'));
      controller.abort(new Error('changed my mind'));
      expect(await late).toBeInstanceOf(CommandTimeoutError);
      const aborted = (await given) as CommandAbortedError;
      expect(aborted).toBeInstanceOf(CommandAbortedError);
      expect((aborted.cause as Error).message).toBe('changed my mind');
      const never = failureOf(client.with({ signal: AbortSignal.abort() }).get('a'));
      expect(await never).toMatchObject({ code: 'COMMAND_ABORTED', executed: 'no' });
    } finally {
      await cluster.resume(hung);
    }
  });

  it('is not sent twice when its link is lost and it is not idempotent; a read is', async () => {
    await using client = await createClient({ seeds: cluster.seeds, topology: QUIET });
    const node = cluster.primaryOf('a');
    await client.set('a', '0');
    await cluster.hang(node);
    const write = failureOf(client.incr('a'));
    const read = client.get('a');
    await eventually('both have left', () =>
      expect(client.snapshot().nodes.find((each) => each.node === node.address)!.inFlight).toBe(2),
    );
    await cluster.restart(node);
    const error = (await write) as LinkLostError;
    expect(error).toBeInstanceOf(LinkLostError);
    expect(error.executed).toBe('maybe');
    expect(error.retryable).toBe(false);
    expect(await read).toBeNull(); // restarted without data
  });
});

describe('an endpoint that is of no use', () => {
  it('is told for each seed, with what to look at', async () => {
    const [http, silent] = await Promise.all([
      strangeServer('HTTP/1.1 400 Bad Request\r\n\r\n'),
      strangeServer(undefined),
    ]);
    try {
      const error = await failureOf(
        createClient({
          seeds: ['127.0.0.1:1', 'no-such-host.invalid:6379', http.address, silent.address],
          links: { connectTimeoutMs: 300 },
          topology: { askTimeoutMs: 600 },
        }),
      );
      expect(error).toBeInstanceOf(SeedsExhaustedError);
      const { failures, message } = error as SeedsExhaustedError;
      expect(failures.map((failure) => failure.error.constructor)).toEqual([
        ConnectError,
        ConnectError,
        ConnectError,
        ConnectError,
      ]);
      expect(message).toMatch(/127\.0\.0\.1:1: .*ECONNREFUSED/);
      expect(message).toMatch(/no-such-host\.invalid:6379: .*no such host name/);
      expect(message).toMatch(/not Redis or Valkey/);
      expect(message).toMatch(/did not end within links\.connectTimeoutMs \(300 ms\)/);
    } finally {
      http.server.close();
      silent.server.close();
    }
  });

  it('is told as well when the provider of seeds fails', async () => {
    const seeds = { getSeeds: () => Promise.reject(new Error('the registry is away')) };
    expect(await failureOf(createClient({ seeds }))).toMatchObject({
      code: 'SEEDS_EXHAUSTED',
      message: expect.stringMatching(/the seed provider: the registry is away/),
    });
  });

  it('fails a first command as it fails createClient, and each call tries anew', async () => {
    await using client = new ClusterClient('127.0.0.1:1');
    expect(await failureOf(client.get('a'))).toBeInstanceOf(SeedsExhaustedError);
    expect(client.status).toBe('idle');
    expect(await failureOf(client.get('a'))).toBeInstanceOf(SeedsExhaustedError);
  });

  it('cannot be built from nonsense: every problem is told at once, with the nearest known name', () => {
    const options = {
      seeds: ['a:b:c', ':1', 'host:99999', { host: 'x' }, null, 'redis://host/3'],
      readFrom: 'replcia',
      commands: { timeoutMS: 3, maxAttempts: 0, maxRedirects: Number.NaN },
      links: { lazy: 1 },
      credentials: { password: '' },
      credential: { password: 'secret' },
    };
    let error: unknown;
    try {
      new ClusterClient(options as never);
    } catch (reason) {
      error = reason;
    }
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as InvalidOptionsError).problems.map((problem) => problem.path).toSorted()).toEqual(
      [
        'commands.maxAttempts',
        'commands.maxRedirects',
        'commands.timeoutMS',
        'credential',
        'credentials.password',
        'links.lazy',
        'readFrom',
        'seeds[1]',
        'seeds[2]',
        'seeds[3]',
        'seeds[4]',
        'seeds[5]',
      ]
        .concat('seeds[0]')
        .toSorted(),
    );
    expect(String(error)).toContain('did you mean commands.timeoutMs?');
    expect(String(error)).not.toContain('secret');
  });
});

describe('security', () => {
  it('TLS verifies the nodes, and shows a certificate where they ask for one', async () => {
    await using cluster = await LocalCluster.start({ shards: 1, replicasPerShard: 1, tls: 'mutual' });
    await using client = await createClient({
      seeds: cluster.seeds,
      tls: cluster.tls!,
      readFrom: 'preferReplica',
    });
    expect(await client.set('a', '1')).toBe('OK');
    await eventually('the replica answers', async () => expect(await client.get('a')).toBe('1'));
    const big = Buffer.alloc(3_000_000, 5);
    await client.set('big', big);
    expect((await client.with({ readFrom: 'primary' }).getBuffer('big'))!.equals(big)).toBe(true);
    const attempts = [
      { tls: true, expected: /certificate/ },
      { tls: { ca: cluster.tls!.ca }, expected: /./ },
      { tls: false, expected: /if the node expects TLS/ },
    ];
    for (const { tls, expected } of attempts) {
      const error = await failureOf(
        createClient({ seeds: cluster.seeds[0]!, tls, links: { connectTimeoutMs: 1_000 } }),
      );
      expect(error).toBeInstanceOf(SeedsExhaustedError);
      expect((error as Error).message).toMatch(expected);
    }
  });

  it('TLS against a plain node ends with a hint', async () => {
    await using cluster = await LocalCluster.start({ shards: 1, replicasPerShard: 0 });
    const error = await failureOf(
      createClient({ seeds: `rediss://${cluster.seeds[0]}`, links: { connectTimeoutMs: 500 } }),
    );
    expect((error as Error).message).toMatch(/may not speak TLS/);
  });

  it('passwords, users and rotated credentials sign every link in; wrong ones are told without being shown', async () => {
    await using cluster = await LocalCluster.start({
      shards: 2,
      replicasPerShard: 0,
      password: 'default-secret',
      users: [
        {
          name: 'app',
          password: 'app-secret',
          rules: '~app:* +@all -@dangerous +cluster|shards +cluster|info',
        },
      ],
    });
    await using byPassword = await createClient({
      seeds: cluster.seeds,
      credentials: { password: 'default-secret' },
    });
    expect(await byPassword.set('any', '1')).toBe('OK');
    let asked = 0;
    await using byProvider = await createClient({
      seeds: cluster.seeds,
      credentials: {
        getCredentials: async () => {
          asked++;
          return { username: 'app', password: 'app-secret' };
        },
      },
    });
    expect(await byProvider.mset('app:1', 1, 'app:2', 2, 'app:3', 3)).toBe('OK');
    expect(asked).toBeGreaterThanOrEqual(2);
    expect(await failureOf(byProvider.get('other'))).toMatchObject({ code: 'AUTH_REJECTED', executed: 'no' });
    const hanging = { getCredentials: () => new Promise<never>(() => {}) };
    const failing = { getCredentials: () => Promise.reject(new Error('no vault')) };
    for (const [credentials, expected] of [
      [hanging, /did not answer within/],
      [failing, /provider failed/],
    ] as const) {
      const options = { seeds: cluster.seeds[0]!, credentials, links: { connectTimeoutMs: 200 } };
      const { failures } = (await failureOf(createClient(options))) as SeedsExhaustedError;
      expect(failures[0]!.error).toMatchObject({ code: 'CREDENTIALS', executed: 'no' });
      expect(failures[0]!.error.message).toMatch(expected);
    }
    const url = `redis://app:wrong-secret@${cluster.seeds[0]}`;
    const rejected = (await failureOf(createClient(url))) as SeedsExhaustedError;
    expect((rejected.failures[0]!.error as AuthRejectedError).code).toBe('AUTH_REJECTED');
    expect(JSON.stringify(rejected) + rejected.message + String(rejected.stack)).not.toContain(
      'wrong-secret',
    );
    const missing = (await failureOf(createClient(cluster.seeds[0]!))) as SeedsExhaustedError;
    expect(missing.message).toContain('NOAUTH');
  });
});

describe('a deployment without cluster mode', () => {
  it('is recognised from any of its nodes; writes go to the primary, reads where they are told', async () => {
    await using cluster = await LocalCluster.start({ mode: 'standalone', shards: 1, replicasPerShard: 2 });
    const replica = cluster.nodes.find((node) => node.role === 'replica')!;
    await using client = await createClient({ seeds: replica.address, readFrom: 'replica' });
    expect(client.topology.mode).toBe('standalone');
    await eventually('all nodes are known and well', async () => {
      await client.refreshTopology();
      expect(client.topology.nodes.map((node) => node.health)).toEqual(['online', 'online', 'online']);
    });
    expect(await client.mset('a', 1, 'b', 2, 'c', 3)).toBe('OK');
    await eventually('the replicas have it', async () =>
      expect(await client.mget('a', 'b', 'c')).toEqual(['1', '2', '3']),
    );
    await Promise.all(Array.from({ length: 100 }, () => client.get('a')));
    const shares = client
      .snapshot()
      .nodes.filter((node) => node.role === 'replica')
      .map((node) => node.sent);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(50);
    await cluster.failover(0);
    await eventually('writes go to the new primary', async () =>
      expect(await client.set('a', '2')).toBe('OK'),
    );
    expect(client.topology.shardOf(0)!.primary!.address).toBe(cluster.primaryOf(0).address);
  });
});
