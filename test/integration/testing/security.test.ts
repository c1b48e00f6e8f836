import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import type { ConnectionOptions } from 'node:tls';
import { LocalCluster } from '../../../src/testing/index.js';
import { ask } from './connect.js';

describe('a cluster with TLS on both sides, a password and users', () => {
  let cluster: LocalCluster;
  let tls: ConnectionOptions;
  beforeAll(async () => {
    cluster = await LocalCluster.start({
      tls: 'mutual',
      password: 'of-the-default-user',
      users: [
        { name: 'app', password: ['old', 'new'], rules: '~app:* +@read +@write' },
        { name: 'guest', rules: '~guest:* +get' },
      ],
    });
    tls = { ...cluster.tls };
  });
  afterAll(() => cluster.stop());

  it('lets in whoever shows a certificate of its authority and the password', async () => {
    for (const node of cluster.nodes) {
      expect(await ask(node, ['PING'], { tls, password: 'of-the-default-user' })).toBe('PONG');
      expect(await ask(node, ['PING'], { tls, username: 'app', password: 'old' }).catch(messageOf)).toContain(
        'NOPERM',
      );
    }
  });

  it('is refused by a client that does not trust its authority', async () => {
    const { cert, key } = tls;
    const refused = ask(cluster.primaryOf(0), ['PING'], { tls: { cert, key } as ConnectionOptions });
    await expect(refused).rejects.toThrow();
    expect(await tlsFailure(cluster.primaryOf(0).port, {})).toMatch(
      /self-signed certificate in certificate chain/i,
    );
  });

  it('refuses a client without a certificate', async () => {
    const { ca } = tls;
    const refused = ask(cluster.primaryOf(0), ['PING'], {
      tls: { ca } as ConnectionOptions,
      password: 'of-the-default-user',
    });
    await expect(refused).rejects.toThrow();
    expect(await tlsFailure(cluster.primaryOf(0).port, { ca })).toMatch(
      /certificate required|handshake failure/i,
    );
  });

  it('is valid for localhost too, and for no other name', async () => {
    const { port } = cluster.primaryOf(0);
    expect(await tlsFailure(port, { ...tls, servername: 'localhost' })).toBe('none');
    expect(await tlsFailure(port, { ...tls, servername: 'example.com' })).toMatch(/does not match/);
  });

  it('keeps users within their rules, on primaries and replicas', async () => {
    const app = { tls, username: 'app', password: 'new' };
    const owner = cluster.primaryOf('app:1');
    expect(await ask(owner, ['SET', 'app:1', 'x'], app)).toBe('OK');
    await expect(ask(owner, ['CLUSTER', 'FAILOVER'], app)).rejects.toThrow('NOPERM');
    await expect(ask(cluster.primaryOf('other'), ['GET', 'other'], app)).rejects.toThrow('NOPERM');
    const guest = { tls, username: 'guest', password: 'whatever' };
    expect(await ask(cluster.primaryOf('guest:1'), ['GET', 'guest:1'], guest)).toBeNull();
  });

  it('moves slots with their keys, fails over and grows all the same', async () => {
    onTestFailed(() => console.log(cluster.logs()));
    const app = { tls, username: 'app', password: 'new' };
    const source = cluster.primaryOf('app:{m}');
    const to = cluster.shards.find((shard) => shard !== source.shard) as number;
    const keys = Array.from({ length: 25 }, (_, i) => `app:{m}:${i}`);
    for (const key of keys) await ask(source, ['SET', key, key], app);
    const slot = Number(
      await ask(source, ['CLUSTER', 'KEYSLOT', 'app:{m}'], { tls, password: 'of-the-default-user' }),
    );
    await cluster.moveSlots({ slots: slot, to });
    await cluster.failover(to);
    expect(await ask(cluster.primaryOf(slot), ['MGET', ...keys], app)).toEqual(keys);
    const replica = await cluster.addReplica(to);
    expect(await ask(replica, ['PING'], { tls, password: 'of-the-default-user' })).toBe('PONG');
    await cluster.removeReplica(replica);
  });
});

it('asks nobody for a certificate with `tls: true`, and still has itself verified', async () => {
  await using cluster = await LocalCluster.start({ tls: true, mode: 'standalone' });
  const { ca } = cluster.tls as { ca: string };
  for (const node of cluster.nodes) expect(await ask(node, ['PING'], { tls: { ca } })).toBe('PONG');
  expect(await tlsFailure(cluster.primaryOf(0).port, {})).toMatch(/self-signed/);
});

it('can close the default user', async () => {
  const users = [
    { name: 'default', password: 'p', rules: 'off' },
    { name: 'app', password: 'p' },
  ];
  await using cluster = await LocalCluster.start({ mode: 'standalone', users });
  const node = cluster.primaryOf(0);
  await expect(ask(node, ['PING'])).rejects.toThrow('NOAUTH');
  expect(await ask(node, ['PING'], { username: 'app', password: 'p' })).toBe('PONG');
  expect(String(await ask(node, ['INFO', 'replication'], { username: 'app', password: 'p' }))).toContain(
    'connected_slaves:1',
  );
});

function messageOf(error: unknown): string {
  return (error as Error).message;
}

/** Why no TLS link comes about, or `none`. TLS 1.3 tells a missing client certificate after the handshake only. */
async function tlsFailure(port: number, options: ConnectionOptions): Promise<string> {
  const { connect } = await import('node:tls');
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ...options }, () => socket.write('PING\r\n'));
    socket.once('error', (error) => resolve(error.message));
    socket.once('data', () => {
      socket.destroy();
      resolve('none');
    });
  });
}
