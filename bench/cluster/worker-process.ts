import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Sample } from './measure.js';
import type { WorkerOrder, WorkerReport, WorkerTask } from './protocol.js';

/** Beyond what an order should take, a worker is given up after this. */
const SILENCE_MS = 60_000;

/** Lines kept of what a worker prints, to be shown when it fails. */
const MAX_OUTPUT_CHARACTERS = 4_000;

/** One child process that measures one client with one workload. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #output = '';

  /** Resolves when its client is connected. @throws Error when it cannot. */
  static async start(buildDir: string, task: WorkerTask): Promise<WorkerProcess> {
    const worker = new WorkerProcess(buildDir, task);
    await worker.#answer('ready', 0).catch(async (error: unknown) => {
      await worker.stop();
      throw error;
    });
    return worker;
  }

  private constructor(buildDir: string, task: WorkerTask) {
    this.#child = fork(join(buildDir, 'cluster', 'worker.js'), [JSON.stringify(task)], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on('data', (text: Buffer) => {
        this.#output = (this.#output + text.toString()).slice(-MAX_OUTPUT_CHARACTERS);
      });
    }
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()));
  }

  /** @throws Error when the client failed, answered wrongly, or the process died or fell silent. */
  async measure(seconds: number): Promise<Sample> {
    this.#order({ kind: 'measure', seconds });
    return (await this.#answer('sample', seconds)).sample;
  }

  /** Asks the worker to close its client, and ends it when it does not. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#order({ kind: 'stop' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await this.#exited;
    clearTimeout(timer);
  }

  #order(order: WorkerOrder): void {
    this.#child.send(order);
  }

  #answer<K extends WorkerReport['kind']>(
    kind: K,
    seconds: number,
  ): Promise<Extract<WorkerReport, { kind: K }>> {
    return new Promise((resolve, reject) => {
      const settle = (error: Error | undefined, report?: WorkerReport): void => {
        clearTimeout(timer);
        this.#child.off('message', onMessage);
        if (error) reject(error);
        else resolve(report as Extract<WorkerReport, { kind: K }>);
      };
      const onMessage = (report: WorkerReport): void => {
        if (report.kind === 'failed') settle(new Error(report.message));
        else if (report.kind === kind) settle(undefined, report);
      };
      const timer = setTimeout(
        () => settle(new Error(`no answer within ${SILENCE_MS / 1000} s of the time given`)),
        seconds * 1000 + SILENCE_MS,
      );
      this.#child.on('message', onMessage);
      void this.#exited.then(() => settle(new Error(`the process ended. ${this.#output}`)));
    });
  }
}
