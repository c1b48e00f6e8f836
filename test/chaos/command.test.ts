import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../src/testing/index.js';
import { startProgram } from '../integration/run-program.js';

const PROGRAM = 'scripts/chaos.ts';
/** A minute's hundredth: one fault, since the time is over after it. */
const ONE_FAULT = ['--minutes', '0.01', '--faults', 'kill-links'];

/** What a run drew: settings and nodes by their shards, without ports and counts. */
function drawn(stdout: string): string[] {
  const rounds = stdout.match(/^Round with seed .*$/gm) ?? [];
  const faults = stdout.match(/#\d+ [\w-]+ \(127\.0\.0\.1:\d+ of shard \d+/g) ?? [];
  return [...rounds, ...faults.map((fault) => fault.replace(/127\S+/, ''))];
}

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') resolve(true);
      else reject(error);
    });
  });
}

describe('the long run', () => {
  it('prints its seed first and totals last, and draws the same again with the same seed', async () => {
    const runs = [
      startProgram(PROGRAM, ...ONE_FAULT, '--seed', '7'),
      startProgram(PROGRAM, ...ONE_FAULT, '--seed=7'),
    ];
    const [first, second] = await Promise.all(runs.map(({ ended }) => ended));
    expect(first, first?.stderr).toMatchObject({ exitCode: 0 });
    expect(first?.stdout).toMatch(/^Chaos for 0\.01 min, seed 7\n/);
    expect(first?.stdout).toMatch(/#1 kill-links .* kept\n/);
    expect(first?.stdout).toMatch(
      /\n1 rounds, 1 faults, \d+ calls, .* 0 violations, 0 failures of the harness\n/,
    );
    expect(first?.stdout).toContain('npm run chaos -- --seed 7 --faults kill-links');
    expect(drawn(first?.stdout ?? '')).toHaveLength(2);
    expect(drawn(second?.stdout ?? '')).toEqual(drawn(first?.stdout ?? ''));
  });

  it('refuses a wrong command line with exit code 2 and says what there is', async () => {
    const { exitCode, stderr } = await startProgram(PROGRAM, '--faults', 'failver').ended;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^There is no fault 'failver'; did you mean failover\?\n/);
    expect(stderr).toContain('--minutes N');
  });

  it('ends in order when interrupted, and leaves no server behind', async () => {
    const program = startProgram(PROGRAM, '--minutes', '5', '--faults', 'kill-links');
    await eventually('a fault has happened', () => program.stdout().includes('#1 '), { withinMs: 30_000 });
    program.process.kill('SIGINT');
    const { exitCode, stdout, stderr } = await program.ended;
    expect(exitCode, stderr).toBe(130);
    expect(stdout).toMatch(/\d+ rounds, \d+ faults/);
    const port = Number(/#1 kill-links \(127\.0\.0\.1:(\d+)/.exec(stdout)?.[1]);
    await eventually('the servers are gone', () => isRefused(port));
  });
});
