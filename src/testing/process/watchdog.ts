import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Remembers the last line it was sent, a list of process ids. When its input ends, which the kernel sees to however
 * the parent dies, it ends them and removes the folder ($1). A shell, since it starts in a millisecond.
 */
const SCRIPT = `
pids=
while read -r line; do pids=$line; done
[ -n "$pids" ] && kill -KILL $pids 2>/dev/null
# A dying server may have written in the midst.
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
`;

/** Ends the servers of a cluster when the process that started them dies without a word. */
export class Watchdog {
  readonly #shell: ChildProcess;
  readonly #pids: Set<number> = new Set();
  #isFinished = false;

  /** @param folder - removed together with the servers */
  constructor(folder: string) {
    // A group of its own, or Ctrl-C in a terminal would end the watchdog before its work is done.
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'slotwise-watchdog', folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#shell.unref();
    // A watchdog that was killed from outside must not bring down the process it watches.
    this.#shell.stdin?.on('error', () => this.#pids.clear());
    (this.#shell.stdin as unknown as { unref(): void }).unref();
  }

  /** It watches nothing any more: what is started now would outlive everything. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  watch(pid: number): void {
    this.#pids.add(pid);
    this.#tell();
  }

  forget(pid: number): void {
    if (this.#pids.delete(pid)) this.#tell();
  }

  /** Ends whatever is still watched, removes the folder, and resolves when that is done. */
  async finish(): Promise<void> {
    this.#isFinished = true;
    if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) return;
    const done = new Promise((resolve) => this.#shell.once('exit', resolve));
    this.#shell.ref();
    this.#shell.stdin?.end();
    await done;
  }

  #tell(): void {
    this.#shell.stdin?.write(`${[...this.#pids].join(' ')}\n`);
  }
}
