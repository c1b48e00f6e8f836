import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Kept of what a child prints, to be shown when it fails. */
const MAX_OUTPUT_CHARACTERS = 4_000;

const EXIT_WITHIN_MS = 5_000;

/**
 * A child process that answers one order after another with one report each. It runs the sources through `tsx`: a
 * build of the package elsewhere in the tree, under way or out of date, does not matter.
 */
export class WorkerChild<
  Order extends { readonly kind: string },
  Report extends { readonly kind: string; readonly message?: string },
> {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #output = '';

  /** @param file - in this folder, without its ending */
  constructor(file: string) {
    this.#child = fork(fileURLToPath(new URL(`${file}.ts`, import.meta.url)), [], {
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on('data', (text: Buffer) => {
        this.#output = (this.#output + text.toString()).slice(-MAX_OUTPUT_CHARACTERS);
      });
    }
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()));
  }

  /** @throws Error when the worker reports a failure, ends, or is silent for too long */
  ask<K extends Report['kind']>(
    order: Order,
    expected: K,
    withinMs: number,
  ): Promise<Extract<Report, { kind: K }>> {
    return new Promise((resolve, reject) => {
      const settle = (error: Error | undefined, report?: Report): void => {
        clearTimeout(timer);
        this.#child.off('message', onMessage);
        if (error) reject(error);
        else resolve(report as Extract<Report, { kind: K }>);
      };
      const onMessage = (report: Report): void => {
        if (report.kind === expected) settle(undefined, report);
        else settle(new Error(report.message ?? `${report.kind} came where ${expected} was due`));
      };
      const timer = setTimeout(
        () => settle(new Error(`${order.kind}: no answer within ${withinMs} ms. ${this.#output}`)),
        withinMs,
      );
      this.#child.on('message', onMessage);
      void this.#exited.then(() =>
        settle(new Error(`${order.kind}: the process has ended. ${this.#output}`)),
      );
      if (this.#child.connected) this.#child.send(order, (error) => error && settle(error));
    });
  }

  /** Ends the process: without its runner it exits by itself, and when it does not, it is killed. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), EXIT_WITHIN_MS);
    await this.#exited;
    clearTimeout(timer);
  }
}
