// The layer table of docs/architecture.md. A module may import the modules listed for it, through their
// index.ts only; what is not listed is forbidden.
const LAYER_0 = ['errors', 'support'];
const LAYER_3 = ['near-cache', 'pubsub', 'discovery'];
const MAY_IMPORT = {
  errors: [],
  support: ['errors'],
  topology: LAYER_0,
  resilience: LAYER_0,
  auth: LAYER_0,
  telemetry: LAYER_0,
  commands: LAYER_0,
  routing: ['topology', 'commands', 'resilience', ...LAYER_0],
  node: ['auth', 'telemetry', 'resilience', 'commands', ...LAYER_0],
  ...Object.fromEntries(
    LAYER_3.map((name) => [
      name,
      ['node', 'auth', 'topology', 'commands', 'telemetry', 'resilience', ...LAYER_0],
    ]),
  ),
  client: [
    'routing',
    'node',
    'topology',
    'resilience',
    'auth',
    'telemetry',
    'commands',
    ...LAYER_3,
    ...LAYER_0,
  ],
  aws: ['discovery', 'auth', 'telemetry', 'topology', ...LAYER_0],
  otel: ['telemetry', ...LAYER_0],
  ioredis: ['client', 'commands', ...LAYER_0],
  testing: LAYER_0,
  cli: ['testing', 'aws', ...LAYER_0],
};

const layers = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  name: `layer-of-${name}`,
  comment: `${name} may import only ${allowed.join(', ') || 'nothing'} (docs/architecture.md)`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: {
    path: '^src/',
    pathNot: [
      `^src/${name}/`,
      ...(name === 'cli' ? ['^src/index\\.ts$'] : []),
      ...allowed.map((module) => `^src/${module}/index\\.ts$`),
    ],
  },
}));

/** Only these modules may import the package or built-in module that `path` names. */
function onlyIn(name, modules, path, to = {}) {
  return {
    name,
    comment: `only ${modules.join(', ')} may import this`,
    severity: 'error',
    from: { path: '^src/', pathNot: modules.map((module) => `^src/${module}/`) },
    to: { path, ...to },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...layers,
    {
      name: 'unknown-module',
      comment: 'a new folder in src needs a line in the layer table',
      severity: 'error',
      from: { path: '^src/', pathNot: [`^src/(${Object.keys(MAY_IMPORT).join('|')})/`, '^src/index\\.ts$'] },
      to: {},
    },
    {
      name: 'root-entry',
      comment: 'the root entry re-exports through index.ts files and imports no side or top module',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(?!(aws|otel|ioredis|testing|cli)/)[^/]+/index\\.ts$' },
    },
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan',
      comment: 'nobody imports this file',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['^src/index\\.ts$', '^src/[^/]+/index\\.ts$'] },
      to: {},
    },
    onlyIn('sockets', ['node', 'discovery', 'testing'], '^(node:)?(net|tls|dns|dns/promises)$', {
      dependencyTypesNot: ['type-only'],
    }),
    onlyIn('ioredis-runtime', ['node', 'discovery', 'testing'], '(^|/)node_modules/ioredis/', {
      dependencyTypesNot: ['type-only'],
    }),
    onlyIn(
      'ioredis-types',
      ['node', 'discovery', 'testing', 'commands', 'client', 'ioredis'],
      '(^|/)node_modules/ioredis/',
    ),
    onlyIn('aws-packages', ['aws'], '(^|/)@(aws-sdk|smithy|aws-crypto)/'),
    onlyIn('otel-packages', ['otel'], '(^|/)@opentelemetry/'),
    {
      name: 'no-dev-dependency',
      comment: 'the published package would lack it',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only', 'npm-peer', 'npm-optional'],
      },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.build.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
