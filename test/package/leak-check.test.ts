import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const VITEST = join(REPOSITORY, 'node_modules/vitest/vitest.mjs');
const LEAK_CHECK = join(REPOSITORY, 'test/setup/leak-check.ts');

/** A test file that passes, and leaves one of each behind. */
const LEAKY = `
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { it } from 'vitest';

it('passes', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  await once(connect(server.address().port, '127.0.0.1'), 'connect');
  spawn(process.execPath, ['--eval', 'setTimeout(() => undefined, 10_000)'], { stdio: 'ignore' });
  setTimeout(() => undefined, 10_000);
});
`;
const TIDY = `
import { it } from 'vitest';

it('passes', () => undefined);
`;

describe('the leak check', () => {
  let folder: string;
  let printed: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slotwise-leaks-'));
    await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'leaky.test.ts'), LEAKY);
    await writeFile(join(folder, 'tidy.test.ts'), TIDY);
    const config = { test: { setupFiles: [LEAK_CHECK] } };
    await writeFile(join(folder, 'vitest.config.mjs'), `export default ${JSON.stringify(config)};`);
    printed = await new Promise((resolve) => {
      // The exit code is not 0, on purpose: what counts is what was reported.
      execFile('node', [VITEST, 'run', '--no-color'], { cwd: folder }, (_error, stdout, stderr) => {
        resolve(stdout + stderr);
      });
    });
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['TCPServerWrap', 'TCPSocketWrap', 'ProcessWrap', 'Timeout'])('reports a %s left open', (kind) => {
    expect(printed).toMatch(new RegExp(`"${kind}: [12]"`));
  });

  it('fails the file although its tests pass, and lets a tidy file pass', () => {
    expect(printed).toMatch(/FAIL +leaky\.test\.ts/);
    expect(printed).toMatch(/Test Files +1 failed \| 1 passed/);
    expect(printed).toMatch(/Tests +2 passed/);
  });
});
