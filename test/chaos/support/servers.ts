import { Redis } from 'ioredis';
import { eventually, HarnessError, type LocalCluster, type LocalNode } from '../../../src/testing/index.js';
import type { Register } from './registers.js';

const WAIT_MS = 5_000;

/** Runs commands on one node over a link of its own, which has nothing in common with the client under test. */
async function askAll(
  node: LocalNode,
  commands: ReadonlyArray<readonly [string, ...string[]]>,
): Promise<unknown[]> {
  const redis = new Redis({ ...directAddress(node), retryStrategy: () => null, lazyConnect: true });
  // A refused link shows in the commands; without a listener it would show on the console as well.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await Promise.all(commands.map(([name, ...args]) => redis.call(name, ...args)));
  } finally {
    redis.disconnect();
  }
}

function directAddress({ host, port }: LocalNode): { readonly host: string; readonly port: number } {
  return { host, port };
}

function running(cluster: LocalCluster): LocalNode[] {
  return cluster.nodes.filter(({ state }) => state === 'running');
}

/** Resolves when everything that primaries acknowledged before is at all their replicas. */
export async function replicationCaughtUp(cluster: LocalCluster): Promise<void> {
  await eventually('every replica has what its primary acknowledged', async () => {
    const primaries = running(cluster).filter(({ role }) => role === 'primary');
    await Promise.all(
      primaries.map(async (primary) => {
        const replicas = cluster.nodes.filter(
          ({ shard, role }) => shard === primary.shard && role === 'replica',
        );
        // WAIT waits for what its own link has seen: the PING has seen all that was before.
        const wait: [string, ...string[]] = ['WAIT', String(replicas.length), String(WAIT_MS)];
        const [, followed] = await askAll(primary, [['PING'], wait]);
        if (Number(followed) < replicas.length) {
          throw new HarnessError(
            `${String(followed)} of ${replicas.length} replicas of ${primary.address} follow`,
          );
        }
      }),
    );
  });
}

/** What the servers hold under some keys, in their order, asked for where each key lives. */
async function fetch<T extends { readonly key: string }, R>(
  cluster: LocalCluster,
  items: readonly T[],
  command: (item: T) => readonly [string, ...string[]],
  shape: (reply: unknown) => R,
): Promise<Map<T, R>> {
  return eventually('the servers tell what they hold', async () => {
    const found = new Map<T, R>();
    const byOwner = new Map<LocalNode, T[]>();
    for (const item of items) {
      const owner = cluster.primaryOf(item.key);
      byOwner.set(owner, [...(byOwner.get(owner) ?? []), item]);
    }
    await Promise.all(
      [...byOwner].map(async ([owner, own]) => {
        const replies = await askAll(owner, own.map(command));
        own.forEach((item, i) => found.set(item, shape(replies[i])));
      }),
    );
    return found;
  });
}

/** The counters' values; 0 for those that are not there. */
export function countersAt<T extends { readonly key: string }>(
  cluster: LocalCluster,
  counters: readonly T[],
): Promise<Map<T, number>> {
  return fetch(
    cluster,
    counters,
    ({ key }) => ['GET', key],
    (reply) => Number(reply ?? 0),
  );
}

/** The registers' values: a text, or the fields of a hash; null for a text that is not there. */
export function registersAt(
  cluster: LocalCluster,
  all: readonly Register[],
): Promise<Map<Register, string | null | Record<string, string>>> {
  return fetch(
    cluster,
    all,
    ({ key, kind }) => [kind === 'text' ? 'GET' : 'HGETALL', key],
    (reply) => (Array.isArray(reply) ? pairs(reply as string[]) : (reply as string | null)),
  );
}

function pairs(flat: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let i = 0; i < flat.length; i += 2) fields[flat[i] as string] = flat[i + 1] as string;
  return fields;
}

/** Lines of CLIENT LIST that bear a name, over all running nodes. */
export async function linksNamed(cluster: LocalCluster, name: string): Promise<string[]> {
  const lists = await Promise.all(running(cluster).map((node) => askAll(node, [['CLIENT', 'LIST']])));
  const lines = lists.flatMap(([list]) => String(list).split('\n'));
  return lines.filter((line) => line.split(' ').includes(`name=${name}`));
}

/** Lets a node close the links of all its clients, whatever they are doing. */
export async function closeAllLinks(node: LocalNode): Promise<void> {
  await askAll(node, [['CLIENT', 'KILL', 'TYPE', 'normal']]);
}

/** Whether a process is there, hung or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
