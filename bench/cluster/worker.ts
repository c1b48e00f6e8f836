import { clients } from './clients/registry.js';
import { measure } from './measure.js';
import { operationOf } from './operations.js';
import type { WorkerOrder, WorkerReport, WorkerTask } from './protocol.js';
import { keysOf, workloads } from './workloads.js';

// One client and one workload in a process of their own: compiled code, garbage and CPU time are nobody else's.
const task = JSON.parse(process.argv[2]!) as WorkerTask;
const workload = workloads.find(({ name }) => name === task.workload)!;

const report = (answer: WorkerReport): void => void process.send!(answer);
const fail = (error: unknown): void => report({ kind: 'failed', message: String(error) });

// The runner is gone: nobody would end this process.
process.on('disconnect', () => process.exit(1));

try {
  const { connect } = await clients[task.client].load();
  const client = await connect({ seeds: task.seeds, keys: keysOf(workload) });
  const operation = operationOf(workload, client, task.client);
  process.on('message', (order: WorkerOrder) => {
    if (order.kind === 'stop') client.close().then(() => process.exit(0), fail);
    else
      measure(operation, workload.inFlight, order.seconds).then(
        (sample) => report({ kind: 'sample', sample }),
        fail,
      );
  });
  report({ kind: 'ready' });
} catch (error) {
  fail(error);
}
