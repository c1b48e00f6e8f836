import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const CRUISE = join(REPOSITORY, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const CONFIG = join(REPOSITORY, 'config/dependency-cruiser.mjs');

const execute = promisify(execFile);
const folders: string[] = [];

/** A file that breaks the rule named. */
interface Offence {
  readonly rule: string;
  readonly path: string;
  readonly text: string;
}

const LEAF = 'export const a: number = 1;\n';
const importing = (path: string): string => `import { a } from '${path}';\nexport const b: number = a;\n`;

/** Each module, with one that it may not import. */
const FORBIDDEN_NEIGHBOUR: Readonly<Record<string, string>> = {
  errors: 'support',
  support: 'topology',
  topology: 'commands',
  resilience: 'topology',
  auth: 'node',
  telemetry: 'auth',
  commands: 'topology',
  routing: 'node',
  node: 'topology',
  'near-cache': 'client',
  pubsub: 'discovery',
  discovery: 'client',
  client: 'testing',
  aws: 'client',
  otel: 'client',
  ioredis: 'node',
  testing: 'client',
  cli: 'client',
};

const offences: readonly Offence[] = [
  ...Object.entries(FORBIDDEN_NEIGHBOUR).map(([module, other]) => ({
    rule: `layer-of-${module}`,
    path: `src/${module}/upwards.ts`,
    text: importing(`../${other}/index.js`),
  })),
  { rule: 'layer-of-client', path: 'src/client/past-the-index.ts', text: importing('../node/leaf.js') },
  { rule: 'unknown-module', path: 'src/misc/index.ts', text: importing('../errors/index.js') },
  { rule: 'root-entry', path: 'src/index.ts', text: importing('./testing/index.js') },
  {
    rule: 'no-cycle',
    path: 'src/errors/one.ts',
    text: `import type { Two } from './two.js';\nexport type One = Two | 1;\n`,
  },
  { rule: 'no-orphan', path: 'src/errors/forgotten.ts', text: LEAF },
  {
    rule: 'sockets',
    path: 'src/routing/socket.ts',
    text: `import { connect } from 'node:net';\nconnect(1);\n`,
  },
  {
    rule: 'ioredis-runtime',
    path: 'src/client/link.ts',
    text: `import { Redis } from 'ioredis';\nexport const redis: Redis = new Redis();\n`,
  },
  {
    rule: 'ioredis-types',
    path: 'src/routing/link.ts',
    text: `import type { Redis } from 'ioredis';\nexport type Link = Redis;\n`,
  },
  {
    rule: 'aws-packages',
    path: 'src/discovery/cloud.ts',
    text: `import { ElastiCache } from '@aws-sdk/client-elasticache';\nnew ElastiCache({});\n`,
  },
  {
    rule: 'otel-packages',
    path: 'src/telemetry/meter.ts',
    text: `import { metrics } from '@opentelemetry/api';\nmetrics.disable();\n`,
  },
  {
    rule: 'no-dev-dependency',
    path: 'src/errors/dev.ts',
    text: `import { vi } from 'vitest';\nvi.resetModules();\n`,
  },
  { rule: 'resolvable', path: 'src/errors/lost.ts', text: importing('./missing.js') },
];

/** The part of dependency-cruiser's JSON that is looked at. */
interface Cruise {
  readonly summary: {
    readonly violations: ReadonlyArray<{ readonly from: string; readonly rule: { readonly name: string } }>;
    readonly ruleSetUsed: { readonly forbidden: ReadonlyArray<{ readonly name: string }> };
  };
}

/** What dependency-cruiser reports for a tree of these files, as `rule path`; and the rules that it knows. */
async function cruise(files: ReadonlyMap<string, string>): Promise<{ reported: string[]; rules: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'slotwise-layers-'));
  folders.push(folder);
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await writeFile(join(folder, 'tsconfig.build.json'), '{}');
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ type: 'module', dependencies: { ioredis: '*' }, devDependencies: { vitest: '*' } }),
  );
  await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  const args = [CRUISE, '--config', CONFIG, '--output-type', 'json', 'src'];
  const { stdout } = await execute('node', args, { cwd: folder, maxBuffer: 64 << 20 });
  const { violations, ruleSetUsed } = (JSON.parse(stdout) as Cruise).summary;
  return {
    reported: violations.map(({ rule, from }) => `${rule.name} ${from}`),
    rules: ruleSetUsed.forbidden.map(({ name }) => name),
  };
}

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

describe('the layer rules', () => {
  let reported: string[];
  let rules: string[];

  beforeAll(async () => {
    const files = new Map<string, string>(
      Object.values(FORBIDDEN_NEIGHBOUR).map((module) => [`src/${module}/index.ts`, LEAF] as const),
    );
    files.set('src/errors/index.ts', LEAF);
    files.set('src/errors/two.ts', `import type { One } from './one.js';\nexport type Two = One | 2;\n`);
    files.set('src/node/leaf.ts', LEAF);
    for (const { path, text } of offences) files.set(path, text);
    ({ reported, rules } = await cruise(files));
  });

  it.each(offences)('report an offence against $rule in $path', ({ rule, path }) => {
    expect(reported).toContain(`${rule} ${path}`);
  });

  it('have an offence here for each of them', () => {
    expect(new Set(offences.map(({ rule }) => rule))).toEqual(new Set(rules));
  });

  it('accept a tree that keeps to them', async () => {
    const files = new Map([
      ['src/errors/index.ts', LEAF],
      ['src/topology/slots.ts', importing('../errors/index.js')],
      ['src/topology/index.ts', `export { b } from './slots.js';\n`],
      ['src/node/index.ts', `import { Redis } from 'ioredis';\nexport const redis: Redis = new Redis();\n`],
      ['src/client/index.ts', `import { b } from '../topology/index.js';\nexport const c: number = b;\n`],
      ['src/index.ts', `export { c } from './client/index.js';\n`],
    ]);
    expect((await cruise(files)).reported).toEqual([]);
  });
});
