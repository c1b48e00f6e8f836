import { setTimeout as pause } from 'node:timers/promises';
import type { ClusterClient, SlotwiseError } from '../../../../src/index.js';
import { eventually } from '../../../../src/testing/index.js';

/** What an application does over and over again: `run` with a number that is never given twice. */
export interface Task {
  /** Part of what {@link Load.count} and {@link Load.errorsOf} are asked by. */
  readonly name: string;
  run(turn: number): Promise<unknown>;
}

/** An error, and whose it was. */
interface Failure {
  readonly task: string;
  readonly error: SlotwiseError;
}

const LOOPS_PER_TASK = 2;
/** Leaves the servers some of the machine. */
const PAUSE_MS = 2;

/** An application at work on a client until it is told to stop. Every call that it makes must end. */
export class Load {
  readonly failures: Failure[] = [];
  readonly #counts = new Map<string, number>();
  readonly #loops: ReadonlyArray<Promise<void>>;
  #begun = 0;
  #settled = 0;
  #isStopping = false;

  constructor(tasks: readonly Task[]) {
    this.#loops = tasks.flatMap((task) => Array.from({ length: LOOPS_PER_TASK }, () => this.#loop(task)));
  }

  /** Calls that have succeeded, of the tasks with this in their names. */
  count(part: string): number {
    let sum = 0;
    for (const [name, count] of this.#counts) if (name.includes(part)) sum += count;
    return sum;
  }

  /** Messages of the errors of the tasks with this in their names. */
  errorsOf(part: string): string[] {
    return this.failures.filter(({ task }) => task.includes(part)).map(({ error }) => String(error));
  }

  /** Failures of which the error does not say that nothing was executed. */
  maybe(part: string): number {
    return this.failures.filter(({ task, error }) => task.includes(part) && error.executed !== 'no').length;
  }

  /** Waits until the tasks with these in their names have each succeeded so often again. */
  async goesOn(parts: readonly string[], times = 30): Promise<void> {
    const before = parts.map((part) => this.count(part));
    await eventually(
      `${parts.join(', ')} go on`,
      () => parts.every((part, i) => this.count(part) >= before[i]! + times),
      { withinMs: 20_000 },
    );
  }

  /** Begins nothing any more; resolves when all that was begun has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await eventually('no call is left', () => this.#begun === this.#settled, { withinMs: 15_000 });
    await Promise.all(this.#loops);
  }

  async #loop(task: Task): Promise<void> {
    while (!this.#isStopping) {
      this.#begun++;
      try {
        await task.run(this.#begun);
        this.#counts.set(task.name, (this.#counts.get(task.name) ?? 0) + 1);
      } catch (error) {
        this.failures.push({ task: task.name, error: error as SlotwiseError });
      }
      this.#settled++;
      await pause(PAUSE_MS);
    }
  }
}

/** Reads, writes and counts, on one key of each kind: `GET <name>`, `SET <name>`, `INCR <name>`. */
export function workOn(client: ClusterClient, name: string, tag: string): Task[] {
  return [
    { name: `GET ${name}`, run: () => client.get(`{${tag}}read`) },
    { name: `SET ${name}`, run: (turn) => client.set(`{${tag}}written`, turn) },
    { name: `INCR ${name}`, run: () => client.incr(`{${tag}}counter`) },
  ];
}
