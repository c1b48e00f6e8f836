import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const OXLINT = join(REPOSITORY, 'node_modules/oxlint/bin/oxlint');

let folder: string;
let printed: string;

/** Code that a rule of ours must refuse, and the rule. */
const offences = [
  { rule: 'no-restricted-properties', name: 'date', code: 'export const now: number = Date.now();' },
  { rule: 'no-restricted-properties', name: 'lot', code: 'export const lot: number = Math.random();' },
  { rule: 'no-restricted-globals', name: 'timer', code: 'setTimeout(() => undefined, 1);' },
  { rule: 'no-restricted-globals', name: 'interval', code: 'setInterval(() => undefined, 1);' },
  { rule: 'no-restricted-globals', name: 'elapsed', code: 'export const ms: number = performance.now();' },
  { rule: 'no-default-export', name: 'default', code: 'const value = 1;\nexport default value;' },
  { rule: 'no-explicit-any', name: 'any', code: 'export const value: any = 1;' },
  { rule: 'no-floating-promises', name: 'floating', code: 'Promise.resolve(1);' },
  {
    rule: 'consistent-type-imports',
    name: 'type-import',
    code: `import { Socket } from 'node:net';\nexport type Mine = Socket;`,
  },
  { rule: 'no-console', name: 'console', code: `console.log('here');` },
] as const;

const NOT_IN_SUPPORT = offences.filter(({ rule }) => rule.startsWith('no-restricted'));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), `${text}\n`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slotwise-lint-'));
  await copyFile(join(REPOSITORY, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  await copyFile(join(REPOSITORY, 'tsconfig.json'), join(folder, 'tsconfig.json'));
  await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  for (const { name, code } of offences) await write(`src/node/${name}.ts`, code);
  for (const { name, code } of NOT_IN_SUPPORT) await write(`src/support/${name}.ts`, code);
  const args = [OXLINT, '--type-aware', '--format', 'unix', 'src'];
  printed = await new Promise<string>((resolve) => {
    // The exit code is not 0, on purpose: what counts is what was reported.
    execFile('node', args, { cwd: folder }, (_error, stdout) => resolve(stdout));
  });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The lines of the report about one file. */
const linesAbout = (path: string): string[] => printed.split('\n').filter((line) => line.includes(path));

describe('the linter', () => {
  it.each(offences)('refuses the offence of src/node/$name.ts by $rule', ({ rule, name }) => {
    expect(linesAbout(`src/node/${name}.ts`).join('\n')).toContain(rule);
  });

  it.each(NOT_IN_SUPPORT)('allows in src/support what $rule refuses elsewhere: $name', ({ name }) => {
    expect(linesAbout(`src/support/${name}.ts`)).toEqual([]);
  });
});
