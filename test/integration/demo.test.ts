import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { eventually } from '../../src/testing/index.js';
import { startProgram } from './run-program.js';

const SHORT = ['--seconds', '6'];

it('shows a slot move and a failover without an error, and ends with one line of JSON', async () => {
  const { exitCode, stdout, stderr } = await startProgram('demo/run.ts', '--json', ...SHORT).ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/moving 800 slots/);
  expect(stdout).toMatch(/is primary now, in place of/);
  const told = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string) as Record<string, number>;
  expect(Object.keys(told)).toEqual([
    'operations',
    'errors',
    'throughput',
    'nodes',
    'redirects',
    'topologyChanges',
  ]);
  expect(told).toMatchObject({ errors: 0, nodes: 6 });
  expect(told['operations']).toBeGreaterThan(0);
  expect(told['throughput']).toBeGreaterThan(0);
  expect(told['redirects']).toBeGreaterThan(0);
  expect(told['topologyChanges']).toBeGreaterThan(1);
});

it('ends the cluster when it is interrupted', async () => {
  const demo = startProgram('demo/run.ts');
  const port = await eventually('the demo names a node', () => nodePort(demo.stdout()), { withinMs: 30_000 });
  demo.process.kill('SIGINT');
  const { exitCode, stderr } = await demo.ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: 'Ended by SIGINT\n' });
  expect(await answers(port)).toBe(false);
});

it.each([
  [['--jsn'], 'There is no option --jsn'],
  [['--seconds', '99'], 'expected a number from 6 to 18'],
  [['--seconds'], '--seconds: expected a number'],
  [['--json=yes'], '--json takes no value'],
])('refuses %j with a message and its usage, and starts nothing', async (args, message) => {
  const { exitCode, stdout, stderr } = await startProgram('demo/run.ts', ...args).ended;
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain('Usage: npm run demo');
});

/** The port of a node that events tell of. */
function nodePort(output: string): number | false {
  const port = /127\.0\.0\.1:(\d+)/.exec(output)?.[1];
  return port === undefined ? false : Number(port);
}

/** Whether something listens there. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
