import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startProgram } from '../integration/run-program.js';

const PROGRAM = fileURLToPath(new URL('support/blocked-program.ts', import.meta.url));

it('a program whose event loop stands still is ended, and tells where it stood', async () => {
  const { exitCode, stderr } = await startProgram(PROGRAM).ended;
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /VIOLATION \(settles\): the event loop has stood still for 1000 ms; a test of the guard/,
  );
  expect(stderr).toMatch(/at neverEnds \(file:.*blocked-program\.ts:\d+\)/);
});
