import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findServer, HarnessError } from '../../../src/testing/index.js';

// Programs that say what a server says to --version: how servers are told apart needs no server.
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'find-server-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(path: string, says: string): string {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, `#!/bin/sh\necho '${says}'\n`);
  chmodSync(whole, 0o755);
  return whole;
}

const REDIS = 'Redis server v=7.2.5 sha=00000000:0 malloc=libc bits=64 build=1';
const VALKEY = 'Valkey server v=8.1.0 sha=00000000:0 malloc=libc bits=64 build=1';

describe('findServer', () => {
  it('prefers Redis, and takes Valkey where there is no Redis', async () => {
    const valkey = program('bin/valkey-server', VALKEY);
    const env = { PATH: `/nowhere:${join(folder, 'bin')}`, SLOTWISE_CACHE: join(folder, 'cache') };
    expect(await findServer({ env })).toEqual({ engine: 'valkey', version: '8.1.0', path: valkey, env: {} });
    const redis = program('bin/redis-server', REDIS);
    expect(await findServer({ env })).toMatchObject({ engine: 'redis', version: '7.2.5', path: redis });
    expect(await findServer({ env, engine: 'valkey' })).toMatchObject({ path: valkey });
  });

  it('takes what was unpacked into the cache folder, with its libraries', async () => {
    const env = { PATH: '/nowhere', XDG_CACHE_HOME: folder };
    const root = `slotwise/valkey-${process.arch}`;
    const path = program(`${root}/usr/bin/valkey-server`, VALKEY);
    const libraries = join(folder, root, 'usr/lib/x86_64-linux-gnu');
    mkdirSync(libraries, { recursive: true });
    expect(await findServer({ env })).toMatchObject({ path, env: { LD_LIBRARY_PATH: libraries } });
  });

  it('lets SLOTWISE_SERVER choose, unless another engine is asked for', async () => {
    const path = program('elsewhere/my-redis', REDIS);
    const valkey = program('bin/valkey-server', VALKEY);
    const env = { PATH: join(folder, 'bin'), SLOTWISE_SERVER: path, SLOTWISE_CACHE: folder };
    expect(await findServer({ env })).toMatchObject({ path });
    expect(await findServer({ env, engine: 'valkey' })).toMatchObject({ path: valkey });
  });

  it('does not pass over a named program that will not do', async () => {
    const old = program('old', 'Redis server v=6.2.14 sha=0 malloc=libc bits=64 build=1');
    await expect(findServer({ binary: old })).rejects.toThrow(/is Redis 6\.2\.14; at least 7\.0 is needed/);
    const cat = program('cat', 'cat (GNU coreutils) 9.1');
    await expect(findServer({ binary: cat })).rejects.toThrow('neither a Redis nor a Valkey server');
    await expect(findServer({ binary: program('r', REDIS), engine: 'valkey' })).rejects.toThrow(
      'redis 7.2.5, not valkey',
    );
    const env = { SLOTWISE_SERVER: join(folder, 'nothing') };
    await expect(findServer({ env })).rejects.toThrow(/nothing \(SLOTWISE_SERVER\) cannot be run/);
  });

  it('says what to do when there is none', async () => {
    const nothing = findServer({ env: { PATH: folder, SLOTWISE_CACHE: folder } });
    await expect(nothing).rejects.toBeInstanceOf(HarnessError);
    await expect(nothing).rejects.toThrow(/No redis or valkey server was found.*\n.*SLOTWISE_SERVER/);
  });
});
