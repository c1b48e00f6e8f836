import { lookupWith } from '../../src/testing/lookup.js';
import type { FaultedClient } from './clients/faulted-client.js';
import { faultedClients } from './clients/registry.js';
import { pause } from './clock.js';
import { Load } from './load.js';
import { type LoadOrder, type LoadReport, type LoadTask, SEED_NAME } from './protocol.js';

// One client in a process of its own: what it blocks, leaks or throws is nobody else's.

/** A client that does not close is left to the end of its process. */
const CLOSE_WITHIN_MS = 2_000;
const MAX_STRAY_ERRORS = 100;

const report = (answer: LoadReport): void => void process.send!(answer);

const strayErrors: string[] = [];
const noteStray = (error: unknown): void => {
  if (strayErrors.length < MAX_STRAY_ERRORS) strayErrors.push(String(error));
};
process.on('uncaughtException', noteStray);
process.on('unhandledRejection', noteStray);

// The runner is gone: nobody would end this process.
process.on('disconnect', () => process.exit(1));

let task: LoadTask;
let hosts: readonly string[] = [];
let client: FaultedClient;
let load: Load;

async function carryOut(order: LoadOrder): Promise<LoadReport> {
  if (order.kind === 'connect') {
    task = order.task;
    const { seeds, hosts: firstHosts } = task;
    hosts = firstHosts ?? [];
    const lookup = firstHosts && lookupWith(SEED_NAME, () => hosts);
    client = await (await faultedClients[task.client].load()).connect({ seeds, ...(lookup && { lookup }) });
    await warmUp();
    return { kind: 'connected' };
  }
  if (order.kind === 'begin') {
    load = new Load(client, task.keys, strayErrors);
    return { kind: 'begun', atMs: load.beganAtMs };
  }
  if (order.kind === 'resolve') {
    hosts = order.hosts;
    return { kind: 'resolved' };
  }
  if (order.kind === 'end') return { kind: 'ended', result: await load.end(task.settleWithinMs) };
  await Promise.race([client.close(), pause(CLOSE_WITHIN_MS)]);
  return { kind: 'closed' };
}

/** Connections to every node are open, and code is compiled, before anything counts. Counters are left alone. */
async function warmUp(): Promise<void> {
  for (const { read } of task.keys) {
    for (const key of read) await client.read(key);
  }
}

process.on('message', (order: LoadOrder) => {
  carryOut(order).then(report, (error: unknown) => report({ kind: 'failed', message: String(error) }));
});
