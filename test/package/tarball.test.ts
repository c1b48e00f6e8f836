import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const INSTALL_TIMEOUT_MS = 180_000;
const COMPILE_TIMEOUT_MS = 180_000;
/** What an application that imports only the root must not pay for. */
const NOT_FOR_THE_ROOT = /@aws-sdk|@smithy|@opentelemetry|slotwise\/dist\/(aws|otel|ioredis|testing|cli)\//;

const execute = promisify(execFile);
let folder: string;

/** Runs a program in the folder where the tarball is installed; returns what it printed. */
async function inFolder(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { stdout } = await execute(command, args, { cwd: folder, env: { ...process.env, ...env } });
  return stdout.trim();
}

const runModule = (source: string): Promise<string> =>
  inFolder('node', ['--input-type=module', '--eval', source]);
const runScript = (source: string): Promise<string> =>
  inFolder('node', ['--input-type=commonjs', '--eval', source]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slotwise-package-'));
  // Without scripts: packing must show what was built, not build behind the back of other tests.
  await execute('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: REPOSITORY,
  });
  const [tarball = ''] = await readdir(folder);
  await cp(join(REPOSITORY, 'test/package/consumer'), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  await inFolder('npm', [
    'install',
    '--prefer-offline',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    `./${tarball}`,
  ]);
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the packed package', () => {
  it('gives import and require the same names, from every entry', async () => {
    const { exports } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8')) as {
      exports: Record<string, unknown>;
    };
    const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
    for (const entry of entries.map((subpath) => subpath.replace(/^\./, 'slotwise'))) {
      const imported = await runModule(
        `const names = Object.keys(await import('${entry}')); console.log(names.join('\\n'));`,
      );
      const required = await runScript(`console.log(Object.keys(require('${entry}')).join('\\n'));`);
      expect(imported.split('\n').length, entry).toBeGreaterThan(1);
      const withoutInterop = imported.split('\n').filter((name) => name !== 'module.exports');
      expect(new Set(withoutInterop), entry).toEqual(new Set(required.split('\n')));
    }
  });

  it('recognises an error of its CJS copy in its ESM copy, and the other way round', async () => {
    const printed = await runModule(`
      import { createRequire } from 'node:module';
      import * as esm from 'slotwise';
      const cjs = createRequire(import.meta.url)('slotwise');
      console.log(JSON.stringify({
        twoCopies: esm.ConnectError !== cjs.ConnectError,
        cjsInEsm: new cjs.ConnectError('no') instanceof esm.LinkError,
        esmInCjs: new esm.ConnectError('no') instanceof cjs.LinkError,
        otherBranch: new cjs.ConnectError('no') instanceof esm.UsageError,
      }));
    `);
    expect(JSON.parse(printed)).toEqual({
      twoCopies: true,
      cjsInEsm: true,
      esmInCjs: true,
      otherBranch: false,
    });
  });

  it(
    'has types that an ES module and a CommonJS module both compile against',
    async () => {
      const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
      const typeRoots = join(REPOSITORY, 'node_modules/@types');
      await expect(inFolder('node', [tsc, '-p', '.', '--typeRoots', typeRoots])).resolves.toBe('');
    },
    COMPILE_TIMEOUT_MS,
  );

  it('loads no cloud, telemetry or test code when only the root is required', async () => {
    const printed = await runScript(
      `require('slotwise'); console.log(Object.keys(require.cache).join('\\n'));`,
    );
    const loaded = printed.split('\n');
    expect(loaded.filter((path) => path.includes('/slotwise/dist/')).length).toBeGreaterThan(1);
    expect(loaded.filter((path) => NOT_FOR_THE_ROOT.test(path))).toEqual([]);
  });

  it('loads no cloud, telemetry or test code when only the root is imported', async () => {
    const traceFile = join(folder, 'loads.txt');
    const hook = `import { register } from 'node:module'; register('./trace-loads.mjs', import.meta.url);`;
    await writeFile(join(folder, 'register.mjs'), hook);
    const source = `await import('slotwise');`;
    await inFolder('node', ['--import', './register.mjs', '--input-type=module', '--eval', source], {
      TRACE_FILE: traceFile,
    });
    const loaded = (await readFile(traceFile, 'utf8')).trim().split('\n');
    expect(loaded.filter((url) => url.includes('/slotwise/dist/')).length).toBeGreaterThan(1);
    expect(loaded.filter((url) => NOT_FOR_THE_ROOT.test(url))).toEqual([]);
  });

  it('holds what is built, licence and readme, and nothing of the workshop', async () => {
    const files = await readdir(join(folder, 'node_modules/slotwise'));
    expect(new Set(files)).toEqual(new Set(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']));
  });
});
