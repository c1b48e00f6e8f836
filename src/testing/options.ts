import { InvalidOptionsError, type OptionProblem } from '../errors/index.js';
import { nearestName } from '../support/index.js';
import { OWNED_DIRECTIVES } from './process/index.js';
import { MAX_LATENCY_MS } from './proxy/index.js';
import type { Engine } from './server-binary/index.js';

/** A user of the access control list, on every node. */
export interface LocalUser {
  /** `default` is the user of clients that give no name. */
  readonly name: string;
  /** One password or several; none makes a user that needs none (`nopass`). */
  readonly password?: string | readonly string[];
  /** The rights, in the words of `ACL SETUSER`: `~app:* +@read +@write`. @defaultValue `'~* &* +@all'` */
  readonly rules?: string;
}

/** What {@link LocalCluster.start} takes. */
export interface LocalClusterOptions {
  /** @defaultValue `3` */
  readonly shards?: number;
  /** @defaultValue `1` */
  readonly replicasPerShard?: number;
  /** `auto` takes Redis, or Valkey where there is no Redis. @defaultValue `'auto'` */
  readonly engine?: Engine | 'auto';
  /** Path of the server program. @defaultValue see {@link findServer} */
  readonly binary?: string;
  /**
   * `cluster`: slots over shards. `standalone`: one primary with its replicas, without cluster mode (what ElastiCache
   * calls cluster mode disabled); `shards` must be 1 then. @defaultValue `'cluster'`
   */
  readonly mode?: 'cluster' | 'standalone';
  /** Labels for the nodes, spread so that a shard's nodes stand apart. @defaultValue `[]` */
  readonly availabilityZones?: readonly string[];
  /** `true`: only TLS, servers verified; `'mutual'`: the servers verify their clients too. @defaultValue `false` */
  readonly tls?: boolean | 'mutual';
  /** Password of the user `default`. */
  readonly password?: string;
  /** Users of the access control list. @defaultValue `[]` */
  readonly users?: readonly LocalUser[];
  /** More lines for every node's configuration: name to value. @defaultValue `{}` */
  readonly config?: Readonly<Record<string, string>>;
  /** `cluster-node-timeout`: a node silent for this many milliseconds is suspected. 100 or more. @defaultValue `2000` */
  readonly nodeTimeoutMs?: number;
  /**
   * Puts a {@link FaultProxy} before each node. Clients and nodes are told the proxies' addresses only; what is between
   * nodes passes too, and is disturbed by {@link LocalCluster.partition} alone. Needs loopback addresses beside
   * 127.0.0.1, as Linux has them. @defaultValue `false`
   */
  readonly proxied?: boolean;
  /**
   * Milliseconds that a round trip takes longer to nodes that stand in another zone than clients do. Needs `proxied`.
   * @defaultValue `0`
   */
  readonly crossZoneLatencyMs?: number;
  /** The zone in which clients stand, for `crossZoneLatencyMs`. @defaultValue the first of `availabilityZones` */
  readonly clientZone?: string;
  /**
   * `shared`: all nodes at 127.0.0.1, each with a port of its own. `distinct`: each node at a loopback address of its
   * own, all with the same port, as in ElastiCache; not with `tls`. Addresses are never given twice in the life of a
   * cluster. Needs loopback addresses beside 127.0.0.1, as Linux has them. @defaultValue `'shared'`
   */
  readonly addresses?: 'shared' | 'distinct';
}

/** {@link LocalClusterOptions} with every default filled in. */
export interface ResolvedLocalClusterOptions extends Required<
  Omit<LocalClusterOptions, 'binary' | 'password' | 'clientZone'>
> {
  readonly clientZone: string | undefined;
  readonly binary: string | undefined;
  readonly password: string | undefined;
}

const DEFAULT_OPTIONS: ResolvedLocalClusterOptions = {
  shards: 3,
  replicasPerShard: 1,
  engine: 'auto',
  binary: undefined,
  mode: 'cluster',
  availabilityZones: [],
  tls: false,
  password: undefined,
  users: [],
  config: {},
  nodeTimeoutMs: 2000,
  proxied: false,
  crossZoneLatencyMs: 0,
  clientZone: undefined,
  addresses: 'shared',
};

/** More nodes than one machine can carry sensibly: surely a mistake. */
const MAX_NODES = 500;
const MIN_NODE_TIMEOUT_MS = 100;
/** The user the harness administers nodes with. */
export const ADMIN_USER = 'slotwise-harness';

/** @throws {@link InvalidOptionsError} listing every problem */
export function resolveOptions(input: LocalClusterOptions): ResolvedLocalClusterOptions {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  const standalone = input.mode === 'standalone' ? { shards: 1 } : {};
  const options: ResolvedLocalClusterOptions = {
    ...DEFAULT_OPTIONS,
    ...standalone,
    ...Object.fromEntries(given),
  };
  const problems = [
    ...unknownNames(given.map(([name]) => name)),
    ...sizeProblems(options),
    ...choiceProblems(options),
    ...textProblems(options),
    ...proxyProblems(options),
  ];
  if (problems.length === 0) problems.push(...userProblems(options), ...configProblems(options.config));
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return { ...options, clientZone: options.clientZone ?? options.availabilityZones[0] };
}

function unknownNames(names: readonly string[]): OptionProblem[] {
  const known = Object.keys(DEFAULT_OPTIONS);
  return names
    .filter((name) => !known.includes(name))
    .map((path) => {
      const meant = nearestName(path, known);
      return {
        path,
        message: meant ? `there is no such option; did you mean \`${meant}\`?` : 'there is no such option',
      };
    });
}

function sizeProblems({
  shards,
  replicasPerShard,
  nodeTimeoutMs,
  mode,
}: ResolvedLocalClusterOptions): OptionProblem[] {
  const problems = [
    ...wholeNumber('shards', shards, 1),
    ...wholeNumber('replicasPerShard', replicasPerShard, 0),
    ...wholeNumber('nodeTimeoutMs', nodeTimeoutMs, MIN_NODE_TIMEOUT_MS),
  ];
  if (problems.length === 0 && shards * (1 + replicasPerShard) > MAX_NODES) {
    problems.push({
      path: 'shards',
      message: `${shards} shards of ${1 + replicasPerShard} make more than ${MAX_NODES} nodes`,
    });
  }
  if (mode === 'standalone' && shards !== 1) {
    problems.push({ path: 'shards', message: `standalone mode has exactly 1 shard, not ${shards}` });
  }
  return problems;
}

function wholeNumber(path: string, value: unknown, least: number): OptionProblem[] {
  if (Number.isSafeInteger(value) && (value as number) >= least) return [];
  return [{ path, message: `expected a whole number of at least ${least}, found ${String(value)}` }];
}

function oneOf(path: string, value: unknown, allowed: readonly unknown[]): OptionProblem[] {
  if (allowed.includes(value)) return [];
  return [{ path, message: `expected one of ${allowed.join(', ')}, found ${String(value)}` }];
}

function choiceProblems({
  engine,
  mode,
  tls,
  proxied,
  addresses,
}: ResolvedLocalClusterOptions): OptionProblem[] {
  return [
    ...oneOf('engine', engine, ['auto', 'redis', 'valkey']),
    ...oneOf('mode', mode, ['cluster', 'standalone']),
    ...oneOf('tls', tls, [true, false, 'mutual']),
    ...oneOf('proxied', proxied, [true, false]),
    ...oneOf('addresses', addresses, ['shared', 'distinct']),
  ];
}

function textProblems({ binary, password, availabilityZones }: ResolvedLocalClusterOptions): OptionProblem[] {
  const problems: OptionProblem[] = [];
  if (binary !== undefined && (typeof binary !== 'string' || binary === '')) {
    problems.push({ path: 'binary', message: 'expected the path of a program' });
  }
  if (password !== undefined && !isWord(password)) {
    problems.push({ path: 'password', message: 'expected a text without blanks, quotes and line breaks' });
  }
  if (!Array.isArray(availabilityZones) || !availabilityZones.every(isWord)) {
    problems.push({ path: 'availabilityZones', message: 'expected names without blanks' });
  }
  return problems;
}

function proxyProblems({
  proxied,
  crossZoneLatencyMs,
  clientZone,
  availabilityZones,
  addresses,
  tls,
}: ResolvedLocalClusterOptions): OptionProblem[] {
  const problems: OptionProblem[] = [];
  const isLatency = Number.isFinite(crossZoneLatencyMs) && crossZoneLatencyMs >= 0;
  if (!isLatency || crossZoneLatencyMs > MAX_LATENCY_MS) {
    problems.push({
      path: 'crossZoneLatencyMs',
      message: `expected a number from 0 to ${MAX_LATENCY_MS}, found ${String(crossZoneLatencyMs)}`,
    });
  } else if (crossZoneLatencyMs > 0 && !proxied) {
    problems.push({ path: 'crossZoneLatencyMs', message: 'needs `proxied: true`' });
  }
  if (clientZone !== undefined && !availabilityZones.includes(clientZone)) {
    const zones = availabilityZones.join(', ') || 'no zones';
    problems.push({
      path: 'clientZone',
      message: `expected one of availabilityZones (${zones}), found ${clientZone}`,
    });
  }
  if (addresses === 'distinct' && tls) {
    problems.push({
      path: 'addresses',
      message: 'distinct addresses do not go with `tls`: the nodes’ certificates are for 127.0.0.1',
    });
  }
  return problems;
}

/** A text that stands in a configuration file as it is. */
function isWord(text: unknown): text is string {
  return typeof text === 'string' && /^[^\s"'\\]+$/.test(text);
}

function userProblems({ users, password }: ResolvedLocalClusterOptions): OptionProblem[] {
  if (!Array.isArray(users)) return [{ path: 'users', message: 'expected a list of users' }];
  return users.flatMap(({ name, password: own, rules = '' }: LocalUser, i): OptionProblem[] => {
    const path = `users[${i}]`;
    const problems: OptionProblem[] = [];
    if (!isWord(name)) problems.push({ path: `${path}.name`, message: 'expected a text without blanks' });
    if (name === ADMIN_USER)
      problems.push({ path: `${path}.name`, message: `${ADMIN_USER} belongs to the harness` });
    if (name === 'default' && password !== undefined) {
      problems.push({
        path: `${path}.name`,
        message: 'give either `password` or a user named default, not both',
      });
    }
    if (users.findIndex((other) => other.name === name) < i) {
      problems.push({ path: `${path}.name`, message: `a second user named ${name}` });
    }
    if (![own ?? []].flat().every(isWord)) {
      problems.push({
        path: `${path}.password`,
        message: 'expected texts without blanks, quotes and line breaks',
      });
    }
    if (typeof rules !== 'string' || /[\r\n]/.test(rules)) {
      problems.push({ path: `${path}.rules`, message: 'expected one line of ACL rules' });
    }
    return problems;
  });
}

function configProblems(config: Readonly<Record<string, string>>): OptionProblem[] {
  return Object.entries(config).flatMap(([name, value]): OptionProblem[] => {
    const path = `config.${name}`;
    if (OWNED_DIRECTIVES.includes(name.toLowerCase())) {
      return [{ path, message: 'the harness sets this itself' }];
    }
    if (!/^[a-z0-9-]+$/i.test(name)) return [{ path, message: 'expected the name of a directive' }];
    if (typeof value !== 'string' || /[\r\n]/.test(value)) {
      return [{ path, message: 'expected the value as one line of text' }];
    }
    return [];
  });
}
