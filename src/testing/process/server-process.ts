import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../harness-error.js';
import { tailOf } from './log-file.js';
import type { Watchdog } from './watchdog.js';

/** `running`; `hung`: stopped by SIGSTOP, its links stay open and silent; `stopped`: there is no process. */
export type NodeState = 'running' | 'hung' | 'stopped';

/** What it takes to run one server. */
export interface Launch {
  readonly binary: string;
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** The server's own folder; holds `server.conf`. */
  readonly folder: string;
  /** Told when the process has ended, however it did. */
  readonly onExit?: () => void;
}

/** Lines of the log shown with the death of a process. */
const OBITUARY_LINES = 12;

/** One server process, started any number of times in the same folder. */
export class ServerProcess {
  readonly #launch: Launch;
  readonly #watchdog: Watchdog;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #state: NodeState = 'stopped';
  #death = 'was not started';
  #endWanted = false;
  /** The log as it was when the folder was removed. */
  #lastLog: string | undefined;

  constructor(launch: Launch, watchdog: Watchdog) {
    this.#launch = launch;
    this.#watchdog = watchdog;
  }

  get state(): NodeState {
    return this.#state;
  }

  /** Undefined while there is no process. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The process ended, and nobody here had asked for it. */
  get crashed(): boolean {
    return this.#state === 'stopped' && !this.#endWanted;
  }

  /** The end of the log of all starts, oldest line first. */
  get log(): string {
    return this.#lastLog ?? tailOf(this.#logPath);
  }

  /** How and with what last words the process ended. */
  get obituary(): string {
    const lines = this.log.trimEnd().split('\n').slice(-OBITUARY_LINES);
    return `${this.#death}; its log ends with:\n  ${lines.join('\n  ')}`;
  }

  /** Starts the process; whether it serves is to be asked over a link. */
  start(): void {
    if (this.#watchdog.isFinished) throw new HarnessError('No server can be started: the cluster is stopped');
    const { binary, env, folder } = this.#launch;
    // The server writes into the file itself: no event loop of ours stands between it and its log.
    const log = openSync(this.#logPath, 'a');
    // A group of its own: Ctrl-C in a terminal reaches us, and we decide about the servers.
    const child = spawn(binary, [join(folder, 'server.conf')], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    child.unref();
    this.#endWanted = false;
    this.#child = child;
    this.#state = 'running';
    this.#exited = new Promise((resolve) => {
      const end = (death: string): void => {
        if (child.pid !== undefined) this.#watchdog.forget(child.pid);
        this.#child = undefined;
        this.#state = 'stopped';
        this.#death = death;
        this.#launch.onExit?.();
        resolve();
      };
      child.once('exit', (code, signal) =>
        end(signal ? `was ended by ${signal}` : `exited with code ${code}`),
      );
      child.once('error', (error) => end(`could not be started: ${error.message}`));
    });
    if (child.pid !== undefined) this.#watchdog.watch(child.pid);
  }

  hang(): void {
    this.#signal('SIGSTOP');
    this.#state = 'hung';
  }

  resume(): void {
    this.#signal('SIGCONT');
    this.#state = 'running';
  }

  /** Ends the process, hung or not, and resolves when it is gone. */
  async kill(): Promise<void> {
    this.#endWanted = true;
    // A process we wait for must keep ours alive until its end is known.
    this.#child?.ref();
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  /** Keeps the log in memory, before the folder is removed. */
  keepLog(): void {
    this.#lastLog ??= tailOf(this.#logPath);
  }

  get #logPath(): string {
    return join(this.#launch.folder, 'server.log');
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#child?.kill(signal))
      throw new HarnessError(`The process ${this.#death}, ${signal} cannot reach it`);
  }
}
