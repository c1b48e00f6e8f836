import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, LocalCluster, type LocalClusterOptions } from '../../../src/testing/index.js';
import { connectTo } from './connect.js';
import { openWire } from './wire.js';

// Every cluster of these tests has its folder in here, so that what is left behind is seen.
let folder: string;
let usualFolder: string | undefined;
beforeEach(() => {
  usualFolder = process.env['TMPDIR'];
  folder = mkdtempSync(join(tmpdir(), 'lifecycle-'));
  process.env['TMPDIR'] = folder;
});
afterEach(() => {
  if (usualFolder === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = usualFolder;
  rmSync(folder, { recursive: true, force: true });
});

const small = { mode: 'standalone', replicasPerShard: 1 } as const;
const left = (): string[] => readdirSync(folder).filter((name) => name.startsWith('slotwise-'));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('stop', () => {
  it('ends every process, hung ones too, and removes the folder, however often it is called', async () => {
    const cluster = await LocalCluster.start(small);
    const pids = cluster.nodes.map(({ pid }) => pid as number);
    expect(left()).toHaveLength(1);
    await cluster.hang(cluster.primaryOf(0));
    await Promise.all([cluster.stop(), cluster.stop()]);
    await cluster.stop();
    expect(pids.filter(isAlive)).toEqual([]);
    expect(cluster.nodes.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
    expect(left()).toEqual([]);
  });

  it('keeps the logs readable, and lets no verb begin', async () => {
    const cluster = await LocalCluster.start(small);
    await cluster.stop();
    expect(cluster.logs(cluster.primaryOf(0))).toContain('Ready to accept connections');
    await expect(cluster.restart(cluster.primaryOf(0))).rejects.toThrow('restart: the cluster is stopped');
    await expect(cluster.addReplica(0)).rejects.toThrow('the cluster is stopped');
  });

  it('ends a verb that is waiting', async () => {
    const cluster = await LocalCluster.start(small);
    await cluster.kill(cluster.primaryOf(0));
    const waiting = cluster.waitUntilHealthy();
    const ended = expect(waiting).rejects.toThrow(
      /was stopped while it was waited until the cluster is healthy/,
    );
    await cluster.stop();
    await ended;
  });

  it('lets nothing start that a verb had begun', async () => {
    const cluster = await LocalCluster.start(small);
    const adding = expect(cluster.addReplica(0)).rejects.toThrow();
    await cluster.stop();
    await adding;
    expect(left()).toEqual([]);
    expect(cluster.nodes.filter(({ pid }) => pid !== undefined)).toEqual([]);
  });

  it('frees the connections of clients and the ports', async () => {
    const cluster = await LocalCluster.start(small);
    const link = connectTo(cluster.primaryOf(0));
    await link.ping();
    const closed = once(link, 'close');
    await cluster.stop();
    await closed;
    await expect(link.ping()).rejects.toThrow();
    link.disconnect();
  });
});

describe('stop of a proxied cluster', () => {
  it('breaks off clients, also those that are held, and closes every door', async () => {
    const cluster = await LocalCluster.start({ ...small, proxied: true });
    const node = cluster.primaryOf(0);
    const open = await openWire(node);
    open.send('PING\r\n');
    await open.expect('+PONG\r\n');
    cluster.proxyOf(node).blackhole();
    const held = await openWire(node);
    held.send('PING\r\n');
    await cluster.stop();
    for (const wire of [open, held]) {
      await eventually('the wire has ended', () => wire.ending !== undefined);
      wire.socket.destroy();
    }
    for (const each of cluster.nodes) {
      await expect(openWire(each)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  it('lets no door stay open that a verb had begun to open', async () => {
    const cluster = await LocalCluster.start({ ...small, proxied: true });
    const adding = expect(cluster.addReplica(0)).rejects.toThrow();
    await cluster.stop();
    await adding;
    for (const each of cluster.nodes) {
      await expect(openWire(each)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });
});

describe('a start that fails half-way', () => {
  it('leaves no process and no folder behind', async () => {
    await expect(LocalCluster.start({ config: { 'maxmemory-policy': 'nonsense' } })).rejects.toThrow(
      'exited with code 1',
    );
    expect(left()).toEqual([]);
  });
});

describe('the process that started a cluster', () => {
  it('takes the servers and the folder with it when it is killed', async () => {
    const child = startInChild('setInterval(() => {}, 1000);');
    const pids = await pidsOf(child);
    expect(pids.filter(isAlive)).toHaveLength(2);
    expect(left()).toHaveLength(1);
    child.kill('SIGKILL');
    await eventually('the servers are gone', () => !pids.some(isAlive));
    await eventually('the folder is gone', () => left().length === 0);
  });

  it.each([small, { ...small, proxied: true }])(
    'ends by itself without stop(), leaving nothing (%j)',
    async (options) => {
      const child = startInChild('', options);
      const pids = await pidsOf(child);
      if (child.exitCode === null) await once(child, 'exit');
      expect(child.exitCode).toBe(0);
      await eventually('the servers are gone', () => !pids.some(isAlive));
      await eventually('the folder is gone', () => left().length === 0);
      expect(existsSync(folder)).toBe(true);
    },
  );
});

/** A process of its own that starts a small cluster, prints its process ids, and goes on with `then`. */
function startInChild(then: string, options: LocalClusterOptions = small): ChildProcess {
  const harness = new URL('../../../src/testing/index.ts', import.meta.url).href;
  const script = `
    const { LocalCluster } = await import(${JSON.stringify(harness)});
    const cluster = await LocalCluster.start(${JSON.stringify(options)});
    console.log(cluster.nodes.map(({ pid }) => pid).join(' '));
    ${then}`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function pidsOf(child: ChildProcess): Promise<number[]> {
  if (!child.stdout) throw new Error('the child has no output');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return line.split(' ').map(Number);
}
