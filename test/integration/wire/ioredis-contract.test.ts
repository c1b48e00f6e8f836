import { connect, type Socket } from 'node:net';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConnection, signIn } from '../../../src/node/open-connection.js';
import { eventually, LocalCluster } from '../../../src/testing/index.js';

/** What links rely on of ioredis, beyond its documentation. A new version that differs must fail here, not in a service. */
describe('the pinned ioredis', () => {
  let cluster: LocalCluster;

  beforeAll(async () => {
    cluster = await LocalCluster.start({ shards: 1, replicasPerShard: 0, password: 'pw' });
  });

  afterAll(() => cluster?.stop());

  interface Opened {
    readonly socket: Socket;
    readonly redis: ReturnType<typeof openConnection>;
    readonly events: string[];
    readonly written: string[];
  }

  function open(): Opened {
    const { host, port } = cluster.nodes[0]!;
    const socket = connect(port, host);
    const written: string[] = [];
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = ((...args: unknown[]) => {
      written.push(String(args[0]));
      return write(...args);
    }) as typeof socket.write;
    const redis = openConnection(socket, { address: `${host}:${port}`, tls: false, keepAliveMs: 1_000 });
    const events: string[] = [];
    for (const event of ['ready', 'error', 'close', 'end', 'reconnecting'])
      redis.on(event, () => events.push(event));
    return { socket, redis, events, written };
  }

  it('is the one that package.json names, to the digit', async () => {
    const read = async (path: string): Promise<{ version: string; dependencies: Record<string, string> }> =>
      JSON.parse(await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8'));
    const [ours, installed] = await Promise.all([
      read('package.json'),
      read('node_modules/ioredis/package.json'),
    ]);
    expect(ours.dependencies['ioredis']).toBe(installed.version);
  });

  it('says ready when the connection stands, without having sent anything', async () => {
    const { redis, events, written } = open();
    await eventually('it is ready', () => expect(events).toContain('ready'));
    expect(written).toEqual([]);
    redis.disconnect();
    await eventually('it is over', () => expect(events).toContain('end'));
    expect(events).not.toContain('reconnecting');
  });

  it('signs in, and then leaves the socket alone: what is read and written after that is ours', async () => {
    const { socket, redis, events, written } = open();
    await eventually('it is ready', () => expect(events).toContain('ready'));
    await signIn(redis, {
      address: 'here',
      credentials: { password: 'pw' },
      clientName: 'me',
      readOnly: true,
    });
    expect(written.join('')).toMatch(/auth[\s\S]*client[\s\S]*setname[\s\S]*readonly/i);
    written.length = 0;
    socket.removeAllListeners('data');
    const replies: string[] = [];
    socket.on('data', (chunk) => replies.push(String(chunk)));
    socket.write('*1\r\n$4\r\nPING\r\n');
    await eventually('the reply is ours', () => expect(replies).toEqual(['+PONG\r\n']));
    expect(written).toEqual(['*1\r\n$4\r\nPING\r\n']);
    expect(events).toEqual(['ready']);
    redis.disconnect();
    await eventually('it is over', () => expect(events).toContain('end'));
  });

  it('says end, once and in every case, and never reconnects', async () => {
    const { socket, redis, events } = open();
    await eventually('it is ready', () => expect(events).toContain('ready'));
    socket.destroy(new Error('cut'));
    await eventually('it is over', () => expect(events).toContain('end'));
    expect(events.filter((event) => event === 'end')).toHaveLength(1);
    expect(events).not.toContain('reconnecting');
    expect(redis.status).toBe('end');
  });

  it('tells refused credentials by the name of the error', async () => {
    const { redis, events } = open();
    await eventually('it is ready', () => expect(events).toContain('ready'));
    const identity = {
      address: 'here',
      credentials: { password: 'wrong' },
      clientName: undefined,
      readOnly: false,
    };
    await expect(signIn(redis, identity)).rejects.toMatchObject({ code: 'AUTH_REJECTED' });
    redis.disconnect();
  });
});
