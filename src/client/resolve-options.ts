import type { LookupFunction } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { CredentialsProvider } from '../auth/index.js';
import { parseSeeds, type SeedProvider } from '../discovery/index.js';
import { InvalidOptionsError, type OptionProblem } from '../errors/index.js';
import { READ_POLICY_NAMES, type ReadPolicy, type ReadPolicyName } from '../routing/index.js';
import { nearestName } from '../support/index.js';
import {
  type ClientOptions,
  type CommandOptions,
  DEFAULT_HEDGE_SHARE,
  DEFAULT_LAG_INTERVAL_MS,
  DEFAULT_OPTIONS,
  type NodeAddress,
  type ResolvedOptions,
} from './options.js';

/** The options in force, with what must not be shown: secrets and functions. */
export interface ClientConfig {
  readonly options: ResolvedOptions;
  readonly tls: ConnectionOptions | undefined;
  readonly credentials: CredentialsProvider | undefined;
  readonly lookup: LookupFunction | undefined;
  readonly addressMap: ((address: NodeAddress) => NodeAddress) | undefined;
}

interface NumberRule {
  readonly min: number;
  readonly max: number;
  /** Whether it need not be a whole number. */
  readonly fraction?: boolean;
}

/** The longest delay that timers can measure, in milliseconds. */
const MAX_DELAY_MS = 2 ** 31 - 1;
const DURATION: NumberRule = { min: 1, max: MAX_DELAY_MS };
const DURATION_OR_NONE: NumberRule = { min: 0, max: MAX_DELAY_MS };

const NUMBER_RULES: Readonly<Record<string, Readonly<Record<string, NumberRule>>>> = {
  commands: {
    timeoutMs: DURATION,
    maxAttempts: { min: 1, max: 1_000 },
    maxRedirects: { min: 0, max: 1_000 },
    maxInFlightPerNode: { min: 1, max: 2 ** 20 },
    maxQueuedPerNode: { min: 0, max: 2 ** 24 },
    maxWaitingPerShard: { min: 0, max: 2 ** 24 },
  },
  topology: {
    refreshIntervalMs: DURATION_OR_NONE,
    minRefreshGapMs: DURATION_OR_NONE,
    nodesAsked: { min: 1, max: 100 },
    askTimeoutMs: DURATION,
  },
  links: {
    connectTimeoutMs: DURATION,
    keepAliveMs: DURATION,
    hungAfterMs: { min: 10, max: MAX_DELAY_MS },
    dropAfterMs: { min: 11, max: MAX_DELAY_MS },
    pingIntervalMs: DURATION_OR_NONE,
    reconnectBaseMs: DURATION,
    reconnectMaxMs: DURATION,
  },
  breaker: {
    errorThresholdPercentage: { min: 1, max: 99 },
    volumeThreshold: { min: 1, max: 1_000_000 },
    rollingMs: { min: 100, max: 600_000 },
  },
  retries: {
    baseMs: DURATION,
    maxMs: DURATION,
    budgetRatio: { min: 0, max: 10, fraction: true },
    budgetPerSecond: { min: 0, max: 1_000_000 },
    budgetBurst: { min: 1, max: 10_000_000 },
  },
};
const HEDGE_AFTER: NumberRule = { min: 1, max: 60_000 };
const LAG_BYTES: NumberRule = { min: 0, max: Number.MAX_SAFE_INTEGER };
const LAG_INTERVAL: NumberRule = { min: 10, max: MAX_DELAY_MS };
const HEDGE_SHARE: NumberRule = { min: 0.001, max: 1, fraction: true };

/** Pairs of which the first must not be larger than the second; equal is right only where said. */
const ORDERED: ReadonlyArray<
  readonly [group: NumberGroup, smaller: string, larger: string, orEqual: boolean]
> = [
  ['links', 'hungAfterMs', 'dropAfterMs', false],
  ['links', 'reconnectBaseMs', 'reconnectMaxMs', true],
  ['retries', 'baseMs', 'maxMs', true],
];

type NumberGroup = 'commands' | 'topology' | 'links' | 'breaker' | 'retries';

const TOP_LEVEL = [
  'seeds',
  'readFrom',
  'credentials',
  'tls',
  'commands',
  'topology',
  'links',
  'breaker',
  'retries',
  'hedge',
  'lagGuard',
  'lookup',
  'addressMap',
  'clientName',
];
const COMMAND_OPTIONS = ['timeoutMs', 'signal', 'readFrom', 'idempotent', 'route'];

/**
 * Checks options and fills in the defaults. Pure: nothing is opened or looked up.
 * @throws {@link InvalidOptionsError} listing every problem
 */
export function resolveOptions(input: ClientOptions | string): ClientConfig {
  const given: unknown = typeof input === 'string' ? { seeds: input } : input;
  if (!isRecord(given)) {
    throw new InvalidOptionsError([
      {
        path: 'options',
        message: `is ${nameOf(given)}; expected an object with seeds, or a seed as a string`,
      },
    ]);
  }
  const problems: OptionProblem[] = [];
  refuseUnknown(given, TOP_LEVEL, '', problems);
  const seeds = resolveSeeds(given['seeds'], problems);
  const tls = resolveTls(given['tls'], seeds.tls, problems);
  const credentials = resolveCredentials(given['credentials'], problems) ?? fixed(seeds.credentials);
  const readFrom = given['readFrom'] ?? DEFAULT_OPTIONS.readFrom;
  checkReadFrom(readFrom, 'readFrom', problems);
  checkFunction(given['lookup'], 'lookup', problems);
  checkFunction(given['addressMap'], 'addressMap', problems);
  checkClientName(given['clientName'], problems);
  const links = resolveGroup('links', given['links'], problems, ['lazy']);
  if (typeof links['lazy'] !== 'boolean') {
    problems.push({ path: 'links.lazy', message: `is ${nameOf(links['lazy'])}; expected a boolean` });
  }
  const resolved = {
    seeds: seeds.provider,
    readFrom: readFrom as ReadPolicyName | ReadPolicy,
    credentials:
      credentials === undefined ? 'none' : isProvider(given['credentials']) ? 'provider' : 'static',
    tls: tls !== undefined,
    commands: resolveGroup('commands', given['commands'], problems),
    topology: resolveGroup('topology', given['topology'], problems),
    links,
    breaker: resolveGroup('breaker', given['breaker'], problems),
    retries: resolveGroup('retries', given['retries'], problems),
    hedge: resolveHedge(given['hedge'], problems),
    lagGuard: resolveLagGuard(given['lagGuard'], problems),
    clientName: given['clientName'] as string | undefined,
  };
  for (const [group, smaller, larger, orEqual] of ORDERED)
    checkOrder(group, resolved[group], smaller, larger, orEqual, problems);
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return {
    options: freezeDeep(resolved as unknown as ResolvedOptions),
    tls,
    credentials,
    lookup: given['lookup'] as LookupFunction | undefined,
    addressMap: given['addressMap'] as ClientConfig['addressMap'],
  };
}

/** Checks what `with` is given. @throws {@link InvalidOptionsError} */
export function checkCommandOptions(input: CommandOptions, clientTimeoutMs: number): void {
  const problems: OptionProblem[] = [];
  if (!isRecord(input)) {
    throw new InvalidOptionsError([{ path: 'with()', message: `is ${nameOf(input)}; expected an object` }]);
  }
  refuseUnknown(input, COMMAND_OPTIONS, 'with().', problems);
  const { timeoutMs, signal, readFrom, idempotent, route } = input as Record<string, unknown>;
  if (timeoutMs !== undefined) {
    checkNumber(
      timeoutMs,
      'with().timeoutMs',
      { min: 1, max: clientTimeoutMs },
      problems,
      " (the client's commands.timeoutMs)",
    );
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    problems.push({ path: 'with().signal', message: `is ${nameOf(signal)}; expected an AbortSignal` });
  }
  if (readFrom !== undefined) checkReadFrom(readFrom, 'with().readFrom', problems);
  if (idempotent !== undefined && typeof idempotent !== 'boolean') {
    problems.push({ path: 'with().idempotent', message: `is ${nameOf(idempotent)}; expected a boolean` });
  }
  if (route !== undefined && typeof route !== 'string') {
    problems.push({
      path: 'with().route',
      message: `is ${nameOf(route)}; expected 'random' or a node's 'host:port'`,
    });
  }
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}

interface ResolvedSeeds {
  readonly provider: SeedProvider;
  readonly tls: boolean | undefined;
  readonly credentials: { readonly username?: string; readonly password: string } | undefined;
}

function resolveSeeds(input: unknown, problems: OptionProblem[]): ResolvedSeeds {
  if (isRecord(input) && typeof input['getSeeds'] === 'function') {
    const own = input as unknown as SeedProvider;
    return { provider: { getSeeds: () => own.getSeeds() }, tls: undefined, credentials: undefined };
  }
  if (input === undefined) {
    problems.push({
      path: 'seeds',
      message: "is missing; expected 'host:port', a URL, { host, port }, or a list of them",
    });
    return { provider: { getSeeds: () => Promise.resolve([]) }, tls: undefined, credentials: undefined };
  }
  const { seeds, tls, credentials } = parseSeeds(input, problems);
  return { provider: Object.freeze({ getSeeds: () => Promise.resolve(seeds) }), tls, credentials };
}

function resolveTls(
  input: unknown,
  fromSeeds: boolean | undefined,
  problems: OptionProblem[],
): ConnectionOptions | undefined {
  if (input === undefined) return fromSeeds === true ? {} : undefined;
  if (typeof input !== 'boolean' && !isRecord(input)) {
    problems.push({ path: 'tls', message: `is ${nameOf(input)}; expected a boolean or Node's TLS options` });
    return undefined;
  }
  if (input === false && fromSeeds === true) {
    problems.push({ path: 'tls', message: 'is false, but a seed is rediss://' });
  } else if (input !== false && fromSeeds === false) {
    problems.push({
      path: 'tls',
      message: 'is on, but a seed is redis://; write rediss:// or leave the scheme out',
    });
  }
  if (input === false) return undefined;
  return input === true ? {} : (input as ConnectionOptions);
}

function resolveCredentials(input: unknown, problems: OptionProblem[]): CredentialsProvider | undefined {
  if (input === undefined) return undefined;
  if (isProvider(input)) return input;
  if (!isRecord(input)) {
    problems.push({
      path: 'credentials',
      message: `is ${nameOf(input)}; expected { username?, password } or a provider`,
    });
    return undefined;
  }
  refuseUnknown(input, ['username', 'password'], 'credentials.', problems);
  const { username, password } = input;
  if (typeof password !== 'string' || password === '') {
    problems.push({ path: 'credentials.password', message: 'is missing or not a string' });
  }
  if (username !== undefined && typeof username !== 'string') {
    problems.push({ path: 'credentials.username', message: `is ${nameOf(username)}; expected a string` });
  }
  return fixed({ password: String(password), ...(typeof username === 'string' ? { username } : {}) });
}

function fixed(
  credentials: { readonly username?: string; readonly password: string } | undefined,
): CredentialsProvider | undefined {
  return credentials === undefined ? undefined : { getCredentials: () => Promise.resolve(credentials) };
}

function isProvider(input: unknown): input is CredentialsProvider {
  return isRecord(input) && typeof input['getCredentials'] === 'function';
}

function resolveGroup(
  group: NumberGroup,
  input: unknown,
  problems: OptionProblem[],
  others: readonly string[] = [],
): Record<string, unknown> {
  const defaults: Record<string, unknown> = { ...DEFAULT_OPTIONS[group] };
  if (input === undefined) return defaults;
  if (!isRecord(input)) {
    problems.push({ path: group, message: `is ${nameOf(input)}; expected an object` });
    return defaults;
  }
  const rules = NUMBER_RULES[group]!;
  refuseUnknown(input, [...Object.keys(rules), ...others], `${group}.`, problems);
  for (const [name, rule] of Object.entries(rules)) {
    if (input[name] !== undefined) checkNumber(input[name], `${group}.${name}`, rule, problems);
  }
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  return { ...defaults, ...given };
}

function checkNumber(
  value: unknown,
  path: string,
  { min, max, fraction = false }: NumberRule,
  problems: OptionProblem[],
  why = '',
): void {
  const isNumber = typeof value === 'number' && (fraction ? !Number.isNaN(value) : Number.isInteger(value));
  if (isNumber && value >= min && value <= max) return;
  const found = typeof value === 'number' ? String(value) : nameOf(value);
  const kind = fraction ? 'a number' : 'a whole number';
  problems.push({ path, message: `is ${found}; expected ${kind} from ${min} to ${max}${why}` });
}

/** Two values that are right by themselves can contradict each other, also when one of them is a default. */
function checkOrder(
  group: NumberGroup,
  values: Record<string, unknown>,
  smaller: string,
  larger: string,
  orEqual: boolean,
  problems: OptionProblem[],
): void {
  const low = values[smaller];
  const high = values[larger];
  // One that is wrong by itself was told already.
  if (problems.some(({ path }) => path === `${group}.${smaller}` || path === `${group}.${larger}`)) return;
  if (typeof low !== 'number' || typeof high !== 'number') return;
  if (low < high || (orEqual && low === high)) return;
  problems.push({
    path: `${group}.${smaller}`,
    message: `is ${low}; expected ${orEqual ? 'at most' : 'less than'} ${group}.${larger} (${high})`,
  });
}

function resolveHedge(input: unknown, problems: OptionProblem[]): ResolvedOptions['hedge'] {
  if (input === undefined || input === false) return false;
  if (!isRecord(input)) {
    problems.push({
      path: 'hedge',
      message: `is ${nameOf(input)}; expected false, or an object with afterMs`,
    });
    return false;
  }
  refuseUnknown(input, ['afterMs', 'maxShare'], 'hedge.', problems);
  const { afterMs, maxShare = DEFAULT_HEDGE_SHARE } = input;
  if (afterMs !== 'p95') checkNumber(afterMs, 'hedge.afterMs', HEDGE_AFTER, problems, ", or 'p95'");
  checkNumber(maxShare, 'hedge.maxShare', HEDGE_SHARE, problems);
  return { afterMs: afterMs as number | 'p95', maxShare: maxShare as number };
}

function resolveLagGuard(input: unknown, problems: OptionProblem[]): ResolvedOptions['lagGuard'] {
  if (input === undefined || input === false) return false;
  if (!isRecord(input)) {
    problems.push({
      path: 'lagGuard',
      message: `is ${nameOf(input)}; expected false, or an object with maxBytes`,
    });
    return false;
  }
  refuseUnknown(input, ['maxBytes', 'intervalMs'], 'lagGuard.', problems);
  const { maxBytes, intervalMs = DEFAULT_LAG_INTERVAL_MS } = input;
  checkNumber(maxBytes, 'lagGuard.maxBytes', LAG_BYTES, problems);
  checkNumber(intervalMs, 'lagGuard.intervalMs', LAG_INTERVAL, problems);
  return { maxBytes: maxBytes as number, intervalMs: intervalMs as number };
}

function checkReadFrom(value: unknown, path: string, problems: OptionProblem[]): void {
  if (typeof value === 'function' || (READ_POLICY_NAMES as readonly unknown[]).includes(value)) return;
  const names = READ_POLICY_NAMES.map((name) => `'${name}'`).join(', ');
  const near = typeof value === 'string' ? nearestName(value, READ_POLICY_NAMES) : undefined;
  const meant = near === undefined ? '' : `; did you mean '${near}'?`;
  problems.push({
    path,
    message: `is ${typeof value === 'string' ? `'${value}'` : nameOf(value)}; expected ${names}, or a function${meant}`,
  });
}

function checkFunction(value: unknown, path: string, problems: OptionProblem[]): void {
  if (value === undefined || typeof value === 'function') return;
  problems.push({ path, message: `is ${nameOf(value)}; expected a function` });
}

function checkClientName(value: unknown, problems: OptionProblem[]): void {
  if (value === undefined || (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value))) return;
  problems.push({
    path: 'clientName',
    message: 'must be a string of visible ASCII characters without spaces',
  });
}

function refuseUnknown(
  input: Record<string, unknown> | object,
  known: readonly string[],
  prefix: string,
  problems: OptionProblem[],
): void {
  for (const name of Object.keys(input)) {
    if (known.includes(name)) continue;
    const near = nearestName(name, known);
    const hint = near === undefined ? `; known are ${known.join(', ')}` : `; did you mean ${prefix}${near}?`;
    problems.push({ path: `${prefix}${name}`, message: `is not an option${hint}` });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value is, without showing it. */
function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}

function freezeDeep<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) Object.freeze(inner);
  }
  return Object.freeze(value);
}
