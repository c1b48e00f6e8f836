import { strict as assert } from 'node:assert';
import { setTimeout as wait } from 'node:timers/promises';
import { BareLink, encode } from '../cluster/clients/bare-link.js';
import { clients } from '../cluster/clients/registry.js';
import { keysOf } from '../cluster/workloads.js';
import type { MemoryFigures, MemoryTask } from './memory-task.js';

/** Commands written and not answered while memory is read. */
const COMMANDS = 20_000;

/** The servers answer nothing for this long; within it all commands must be written and the heap read. */
const PAUSE_MS = 3_000;

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

const task = JSON.parse(process.argv[2]!) as MemoryTask;
const keys = keysOf({ kind: 'get', valueBytes: 100, keyCount: 2_000 });
const serverLinks = await Promise.all(task.seeds.map(({ host, port }) => BareLink.open(host, port)));
const { connect } = await clients[task.client].load();

const before = usage();
const client = await connect({ seeds: task.seeds, keys });
// Clients that connect to a node when they first need it have to need all.
await Promise.all(keys.map((key) => client.get(key)));
const connected = usage();

const inFlight = async (): Promise<number> => {
  const replies: Promise<unknown>[] = Array.from({ length: COMMANDS });
  const idle = usage();
  await Promise.all(serverLinks.map((link) => link.send(encode('CLIENT', 'PAUSE', String(PAUSE_MS), 'ALL'))));
  const pausedMs = performance.now();
  for (let index = 0; index < COMMANDS; index++) replies[index] = client.get(keys[index % keys.length]!);
  await wait(WRITING_MS);
  const waiting = usage();
  assert.ok(performance.now() - pausedMs < PAUSE_MS, 'the servers answered before memory was read');
  await Promise.all(replies);
  return (waiting.heapBytes - idle.heapBytes) / COMMANDS;
};

// The first time, the client's own buffers grow.
await inFlight();
const figures: MemoryFigures = {
  heapBytes: connected.heapBytes - before.heapBytes,
  rssBytes: connected.rssBytes - before.rssBytes,
  heapBytesPerCommand: await inFlight(),
};
process.send!(figures);
process.exit(0);
