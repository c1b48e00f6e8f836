import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a program ended, and what it wrote. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program under way. */
export interface Program {
  readonly process: ChildProcess;
  /** What it wrote so far. */
  stdout(): string;
  /** Resolves when it has ended and all its output is here. */
  readonly ended: Promise<Ended>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Longer than any program here may take; shorter than the test runner's patience, so that its output is seen. */
const KILL_AFTER_MS = 55_000;

/** Starts a TypeScript program of this repository as its reader would. It is killed when it does not end. */
export function startProgram(file: string, ...args: string[]): Program {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: KILL_AFTER_MS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  return { process: child, stdout: () => stdout, ended };
}
