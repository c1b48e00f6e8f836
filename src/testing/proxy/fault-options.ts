import { InvalidArgumentError, InvalidOptionsError, type OptionProblem } from '../../errors/index.js';
import { nearestName } from '../../support/index.js';
import type { Direction } from './conditions.js';
import type { Credentials } from './frozen-topology.js';
import type { CommandChoice } from './reply-faults.js';

/** Towards the server, towards the client, or both ways. */
export type FaultDirection = Direction | 'both';

/** Faults that stay until they are removed; the names of {@link FaultProxy}'s methods. */
export type FaultName =
  | 'latency'
  | 'blackhole'
  | 'refuse'
  | 'cut'
  | 'split'
  | 'garbage'
  | 'slow'
  | 'closeOnReplicaWrite'
  | 'staleTopology'
  | 'answer';

/** What {@link FaultProxy.start} takes. */
export interface FaultProxyOptions {
  /** The server behind the proxy. */
  readonly target: { readonly host: string; readonly port: number };
  /** Whether TLS passes: faults that must read commands or replies are refused then. @defaultValue `false` */
  readonly tls?: boolean;
  /** For {@link FaultProxy.staleTopology} alone, where the server asks for a password. */
  readonly credentials?: Credentials;
  /** Of the jitter: a whole number. The same seed draws the same lots. @defaultValue `1` */
  readonly seed?: number;
}

/** How replies are delayed. */
export interface LatencyOptions {
  /** Milliseconds. 0 and no jitter: the fault is removed. */
  readonly ms: number;
  /** Up to so many milliseconds more, drawn for each piece of data; their order stays. @defaultValue `0` */
  readonly jitterMs?: number;
  /** `both` makes a round trip longer by twice `ms`. @defaultValue `'toClient'` */
  readonly direction?: FaultDirection;
}

/** Longer than any test; a timer takes no more than 24 days. */
export const MAX_LATENCY_MS = 3_600_000;
/** Faster than any loopback. */
export const MAX_BYTES_PER_SECOND = 1e12;

/** Every {@link FaultName}. */
export const FAULTS: readonly FaultName[] = [
  'latency',
  'blackhole',
  'refuse',
  'cut',
  'split',
  'garbage',
  'slow',
  'closeOnReplicaWrite',
  'staleTopology',
  'answer',
];
const OPTIONS: readonly string[] = ['target', 'tls', 'credentials', 'seed'];
const DIRECTIONS: readonly FaultDirection[] = ['toServer', 'toClient', 'both'];

/** @throws {@link InvalidOptionsError} listing every problem */
export function checkOptions(options: FaultProxyOptions): void {
  const { target, seed } = options;
  const problems: OptionProblem[] = Object.keys(options)
    .filter((path) => !OPTIONS.includes(path))
    .map((path) => {
      const meant = nearestName(path, OPTIONS);
      return { path, message: `there is no such option${meant ? `; did you mean \`${meant}\`?` : ''}` };
    });
  if (typeof target?.host !== 'string' || target.host === '') {
    problems.push({ path: 'target.host', message: 'expected the name or address of a server' });
  }
  const port = target?.port;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    problems.push({ path: 'target.port', message: `expected a port, found ${String(port)}` });
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    problems.push({ path: 'seed', message: `expected a whole number, found ${String(seed)}` });
  }
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}

/** A number in `least..most`. */
export function checkNumber(what: string, value: number, least: number, most: number): void {
  if (Number.isFinite(value) && value >= least && value <= most) return;
  throw new InvalidArgumentError(`${what} is a number from ${least} to ${most}, not ${String(value)}`);
}

export function checkWhole(what: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new InvalidArgumentError(`${what} is a whole number of at least ${least}, not ${String(value)}`);
}

export function checkChoice(fault: FaultName, { commands, count }: CommandChoice): void {
  if (count !== undefined && count !== Number.POSITIVE_INFINITY) checkWhole(`${fault}: count`, count, 1);
  if (commands === undefined) return;
  if (Array.isArray(commands) && commands.length > 0 && commands.every((name) => typeof name === 'string'))
    return;
  throw new InvalidArgumentError(`${fault}: commands is a list of names of commands: ['GET', 'SET']`);
}

export function checkDirection(fault: FaultName, direction: FaultDirection): void {
  if (DIRECTIONS.includes(direction)) return;
  throw new InvalidArgumentError(
    `${fault}: direction is one of ${DIRECTIONS.join(', ')}, not ${direction as string}`,
  );
}
