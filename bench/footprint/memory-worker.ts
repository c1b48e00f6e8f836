import { setTimeout as wait } from 'node:timers/promises';
import { BareLink, encode } from '../cluster/clients/bare-link.js';
import type { BenchClient, Connect, ConnectTarget } from '../cluster/clients/bench-client.js';
import { clients } from '../cluster/clients/registry.js';
import { keysOf, valueOf } from '../cluster/workloads.js';
import type { MemoryFigures, MemoryReport, MemoryTask } from './memory-task.js';

/** Commands written and not answered while memory is read. */
const COMMANDS = 20_000;

const VALUE_BYTES = 100;

/** The servers hold writes back, until they are told otherwise or this is over; far longer than it takes. */
const MAX_PAUSE_MS = 60_000;

/** Clients opened besides the first. */
const MORE_CLIENTS = 4;

/** Time for what a client does by itself once it is connected. */
const SETTLING_MS = 300;

/** Time for a client that writes from another thread or tick to have written all. */
const WRITING_MS = 800;

interface Usage {
  readonly heapBytes: number;
  readonly rssBytes: number;
}

function usage(): Usage {
  // The first collection queues finalizers, the second takes what they held.
  globalThis.gc!();
  globalThis.gc!();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, rssBytes: rss };
}

/** Bytes of one SET that is written and not answered. */
async function inFlightBytes(
  client: BenchClient,
  keys: readonly string[],
  servers: BareLink[],
): Promise<number> {
  const value = valueOf('', 'memory', VALUE_BYTES);
  const tell = (...words: string[]): Promise<unknown> =>
    Promise.all(servers.map((server) => server.send(encode('CLIENT', ...words))));
  const replies: Promise<unknown>[] = Array.from({ length: COMMANDS });
  const idle = usage();
  await tell('PAUSE', String(MAX_PAUSE_MS), 'WRITE');
  for (let index = 0; index < COMMANDS; index++)
    replies[index] = client.set(keys[index % keys.length]!, value);
  await wait(WRITING_MS);
  const waiting = usage();
  await tell('UNPAUSE');
  await Promise.all(replies);
  return (waiting.heapBytes - idle.heapBytes) / COMMANDS;
}

/** Connects to all nodes, also with a client that connects to a node when it first needs it. */
async function open(connect: Connect, target: ConnectTarget): Promise<BenchClient> {
  const client = await connect(target);
  await Promise.all(target.keys.map((key) => client.get(key)));
  return client;
}

async function measureOne(task: MemoryTask): Promise<MemoryFigures> {
  const keys = keysOf({ kind: 'set', valueBytes: VALUE_BYTES, keyCount: 500 });
  const servers = await Promise.all(task.seeds.map(({ host, port }) => BareLink.open(host, port)));
  const { connect } = await clients[task.client].load();

  const target = { seeds: task.seeds, keys };
  const client = await open(connect, target);
  const first = usage();
  // By now code is compiled and buffers have grown: what further clients add is their own.
  for (let count = 0; count < MORE_CLIENTS; count++) await open(connect, target);
  await wait(SETTLING_MS);
  const all = usage();

  // The first time, the client's own buffers grow.
  await inFlightBytes(client, keys, servers);
  return {
    kind: 'figures',
    rssBytes: first.rssBytes,
    heapBytesPerClient: (all.heapBytes - first.heapBytes) / MORE_CLIENTS,
    heapBytesPerCommand: await inFlightBytes(client, keys, servers),
  };
}

const report = (answer: MemoryReport): void => void process.send!(answer, () => process.exit(0));
measureOne(JSON.parse(process.argv[2]!) as MemoryTask).then(report, (error: unknown) =>
  report({ kind: 'failed', message: String(error) }),
);
