import { isIPv6 } from 'node:net';
import type { OptionProblem } from '../errors/index.js';
import { formatAddress, type HostPort, parseAddress } from '../topology/index.js';

/** A place to ask for the topology. */
export interface Seed extends HostPort {
  /** `host:port` */
  readonly address: string;
}

/**
 * Gives the seeds anew whenever the topology must be learned from the start.
 * @public
 */
export interface SeedProvider {
  /** Called at the start, and when every known node has failed. */
  getSeeds(): Promise<ReadonlyArray<{ readonly host: string; readonly port: number }>>;
}

/** How seeds may be written. @public */
export type SeedsInput =
  | string
  | ReadonlyArray<string | { readonly host: string; readonly port: number }>
  | SeedProvider;

/** What the text of a seed can say beside where it is. */
export interface ParsedSeeds {
  readonly seeds: readonly Seed[];
  /** True for `rediss://`, false for `redis://`, undefined when no seed says. */
  readonly tls: boolean | undefined;
  readonly credentials: { readonly username?: string; readonly password: string } | undefined;
}

/** Redis's and Valkey's well-known port; used when a URL names none. */
const DEFAULT_PORT = 6379;
const URL_FORM = /^[a-z][a-z0-9+.-]*:\/\//i;
const SCHEMES: ReadonlyMap<string, boolean> = new Map([
  ['redis:', false],
  ['rediss:', true],
  ['valkey:', false],
  ['valkeys:', true],
]);

/**
 * Reads seeds: `'host:port'`, `'host'`, `redis://[user:password@]host[:port]`, `rediss://...`, or `{ host, port }`.
 * Problems are added to `problems` with their place; passwords never appear in them.
 */
export function parseSeeds(input: unknown, problems: OptionProblem[]): ParsedSeeds {
  const isList = Array.isArray(input);
  const list: readonly unknown[] = isList ? input : [input];
  if (list.length === 0) problems.push({ path: 'seeds', message: 'is empty; expected at least one seed' });
  const seeds = new Map<string, Seed>();
  const schemes = new Set<boolean>();
  let credentials: ParsedSeeds['credentials'];
  list.forEach((item, i) => {
    const path = isList ? `seeds[${i}]` : 'seeds';
    try {
      const seed = parseSeed(item);
      seeds.set(seed.address, { host: seed.host, port: seed.port, address: seed.address });
      if (seed.tls !== undefined) schemes.add(seed.tls);
      credentials ??= seed.credentials;
    } catch (error) {
      problems.push({ path, message: (error as Error).message });
    }
  });
  if (schemes.size > 1) {
    problems.push({
      path: 'seeds',
      message: 'mixes redis:// with rediss://; all links of a client use TLS, or none',
    });
  }
  return { seeds: [...seeds.values()], tls: [...schemes][0], credentials };
}

interface ParsedSeed extends Seed {
  readonly tls: boolean | undefined;
  readonly credentials: ParsedSeeds['credentials'];
}

function parseSeed(item: unknown): ParsedSeed {
  if (typeof item === 'string') return URL_FORM.test(item) ? parseUrl(item) : parsePlain(item);
  if (typeof item === 'object' && item !== null) {
    const { host, port } = item as { host?: unknown; port?: unknown };
    if (typeof host !== 'string' || host === '')
      throw new Error('expected { host: string, port: number }, the host is missing');
    if (typeof port !== 'number')
      throw new Error('expected { host: string, port: number }, the port is missing');
    return { ...checked(host, port), tls: undefined, credentials: undefined };
  }
  throw new Error(
    `expected 'host:port', a redis:// or rediss:// URL, or { host, port }, got ${item === null ? 'null' : typeof item}`,
  );
}

function parsePlain(text: string): ParsedSeed {
  if (text.includes('@')) throw new Error('has credentials; write redis://user:password@host:port');
  const hasPort = /:\d+$/.test(text) && (text.startsWith('[') || text.indexOf(':') === text.lastIndexOf(':'));
  const { host, port } = hasPort ? parseAddressOrExplain(text) : { host: text, port: DEFAULT_PORT };
  return { ...checked(host, port), tls: undefined, credentials: undefined };
}

function parseUrl(text: string): ParsedSeed {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error('is not a URL; expected redis://[user:password@]host[:port] or rediss://...');
  }
  const tls = SCHEMES.get(url.protocol);
  if (tls === undefined) throw new Error(`has the scheme ${url.protocol}//; expected redis:// or rediss://`);
  const path = url.pathname.replace(/^\//, '');
  if (path !== '' && path !== '0') throw new Error(`selects database ${path}; a cluster has database 0 only`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '') throw new Error('has no host; expected redis://host[:port]');
  const credentials =
    url.password === ''
      ? undefined
      : {
          password: decodeURIComponent(url.password),
          ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
        };
  return { ...checked(host, url.port === '' ? DEFAULT_PORT : Number(url.port)), tls, credentials };
}

function checked(host: string, port: number): Seed {
  const address = formatAddress(host, port);
  const parsed = parseAddressOrExplain(address);
  if (parsed.host.includes(':') && !isIPv6(parsed.host)) {
    throw new Error(`is '${host}'; expected 'host:port', or an IPv6 address in brackets with a port`);
  }
  return { ...parsed, address };
}

function parseAddressOrExplain(text: string): HostPort {
  try {
    return parseAddress(text);
  } catch {
    throw new Error(`is '${text}'; expected 'host:port' with a port in 1..65535`);
  }
}
