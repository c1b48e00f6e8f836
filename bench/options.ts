import { nearestName } from '../src/support/index.js';
import { clientNames } from './cluster/clients/registry.js';
import type { ClientName } from './cluster/clients/registry.js';
import { workloads } from './cluster/workloads.js';

/** Measured besides the workloads. */
const footprints = ['memory', 'packages'] as const;

export interface BenchOptions {
  readonly help: boolean;
  readonly quick: boolean;
  /** Names of workloads and footprints. */
  readonly only: readonly string[];
  readonly clients: readonly ClientName[];
  readonly rounds: number;
  readonly seconds: number;
  readonly json: string | undefined;
  readonly from: string | undefined;
  /** Nothing is left out or cut short. */
  readonly complete: boolean;
}

export const FULL = { rounds: 3, seconds: 2, warmUpSeconds: 1 };
export const QUICK = { rounds: 1, seconds: 0.2, warmUpSeconds: 0.1 };

/** What a quick run measures unless told otherwise: each kind and size once, small values at every depth. */
const quickly: readonly string[] = [
  ...['get', 'set'].flatMap((kind) =>
    ['100-1', '100-64', '100-1000', '10k-64', '1m-8'].map((size) => `${kind}-${size}`),
  ),
  'mget',
  'mset',
  'packages',
];

const MAX_ROUNDS = 100;
const MAX_SECONDS = 60;

const names = {
  options: ['--help', '--quick', '--only', '--clients', '--rounds', '--seconds', '--json', '--from'],
  measurements: [...workloads.map(({ name }) => name), ...footprints],
  clients: clientNames,
};

export const usage: string = `Usage: npm run bench -- [options]

  --quick            one short round of the main ones, to see that it works; too short to compare
  --only NAMES       only these, separated by commas (below)
  --clients NAMES    only these clients: ${clientNames.join(', ')}
  --rounds N         rounds of each measurement (default ${FULL.rounds}, at most ${MAX_ROUNDS})
  --seconds N        length of one measurement (default ${FULL.seconds}, at most ${MAX_SECONDS})
  --json FILE        also write the figures there
  --from FILE        measure nothing: print and write the results from such a file
  --help             this text

Measurements:
  ${names.measurements.join(' ').replace(/(.{60,80}) /g, '$1\n  ')}

A run that leaves nothing out writes bench/RESULTS.md, bench/results.svg and bench/results/latest.json.`;

/** Something is wrong with the command line; the message says what, and what was meant perhaps. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws {@link UsageError} */
export function parseOptions(args: readonly string[]): BenchOptions {
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const [option, inline] = splitOnce(args[at]!);
    known('option', option, names.options);
    const flag = option === '--help' || option === '--quick';
    const value = flag ? inline : (inline ?? args[++at]);
    if (flag && value !== undefined) throw new UsageError(`${option} takes no value`);
    if (!flag && (value === undefined || value === '')) throw new UsageError(`${option} needs a value`);
    given.set(option, value ?? '');
  }
  const quick = given.has('--quick');
  const preset = quick ? QUICK : FULL;
  const clients = list(given.get('--clients'), 'client', names.clients) as readonly ClientName[];
  return {
    help: given.has('--help'),
    quick,
    only: list(
      given.get('--only') ?? (quick ? quickly.join(',') : undefined),
      'measurement',
      names.measurements,
    ),
    clients,
    rounds: number(given, '--rounds', preset.rounds, 1, MAX_ROUNDS, Number.isInteger),
    seconds: number(given, '--seconds', preset.seconds, 0.01, MAX_SECONDS, Number.isFinite),
    json: given.get('--json'),
    from: given.get('--from'),
    complete: !quick && !given.has('--only') && !given.has('--clients'),
  };
}

/** The command line that measures the same again; where results are written does not belong to it. */
export function commandOf(options: BenchOptions): string {
  const preset = options.quick ? QUICK : FULL;
  const usual = options.quick ? quickly : names.measurements;
  const given = [
    ...(options.quick ? ['--quick'] : []),
    ...(options.only.join() === usual.join() ? [] : ['--only', options.only.join(',')]),
    ...(options.clients.length < names.clients.length ? ['--clients', options.clients.join(',')] : []),
    ...(options.rounds === preset.rounds ? [] : ['--rounds', options.rounds]),
    ...(options.seconds === preset.seconds ? [] : ['--seconds', options.seconds]),
  ];
  return ['npm run bench', ...(given.length > 0 ? ['--', ...given] : [])].join(' ');
}

function splitOnce(arg: string): [string, string | undefined] {
  const equals = arg.indexOf('=');
  return equals === -1 ? [arg, undefined] : [arg.slice(0, equals), arg.slice(equals + 1)];
}

/** All when nothing is given. */
function list(value: string | undefined, what: string, all: readonly string[]): readonly string[] {
  if (value === undefined) return all;
  const chosen = value.split(',').map((name) => name.trim());
  for (const name of chosen) known(what, name, all);
  return all.filter((name) => chosen.includes(name));
}

function number(
  given: ReadonlyMap<string, string>,
  option: string,
  fallback: number,
  min: number,
  max: number,
  fits: (value: number) => boolean,
): number {
  const text = given.get(option);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!fits(value) || value < min || value > max) {
    const kind = fits === Number.isInteger ? 'a whole number' : 'a number';
    throw new UsageError(`${option} ${text}: expected ${kind} from ${min} to ${max}`);
  }
  return value;
}

function known(what: string, name: string, all: readonly string[]): void {
  if (all.includes(name)) return;
  const near = nearestName(name, all);
  const hint = near === undefined ? `there are ${all.join(', ')}` : `did you mean ${JSON.stringify(near)}?`;
  throw new UsageError(`unknown ${what} ${JSON.stringify(name)}; ${hint}`);
}
