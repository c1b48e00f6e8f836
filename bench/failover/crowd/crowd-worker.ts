import type { FaultedClient } from '../clients/faulted-client.js';
import { connect } from '../clients/slotwise.js';
import { CrowdLoad } from './crowd-load.js';
import type { CrowdOrder, CrowdReport, CrowdTask } from './crowd-protocol.js';

// Many Slotwise clients in one process; several such processes make the crowd.

/** More would only queue up at the servers. */
const CONNECTING_AT_ONCE = 10;

const report = (answer: CrowdReport): void => void process.send!(answer);

// The runner is gone: nobody would end this process.
process.on('disconnect', () => process.exit(1));

let task: CrowdTask;
let clients: FaultedClient[] = [];
let load: CrowdLoad;

async function carryOut(order: CrowdOrder): Promise<CrowdReport> {
  if (order.kind === 'connect') {
    task = order.task;
    while (clients.length < task.clients) {
      const count = Math.min(CONNECTING_AT_ONCE, task.clients - clients.length);
      clients = clients.concat(
        await Promise.all(Array.from({ length: count }, () => connect({ seeds: task.seeds }))),
      );
    }
    return { kind: 'connected' };
  }
  if (order.kind === 'begin') {
    load = new CrowdLoad(clients, task.callsPerSecondPerClient);
    return { kind: 'begun' };
  }
  return { kind: 'ended', tally: await load.end(task.settleWithinMs) };
}

process.on('message', (order: CrowdOrder) => {
  carryOut(order).then(report, (error: unknown) => report({ kind: 'failed', message: String(error) }));
});
