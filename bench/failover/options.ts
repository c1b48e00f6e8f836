import { parseArgs } from 'node:util';
import { nearestName } from '../../src/support/index.js';
import { UsageError } from '../options.js';
import { type FaultedClientName, faultedClientNames, faultedClients } from './clients/registry.js';
import { type FaultName, faultNames } from './faults.js';
import type { Coverage } from './play-case.js';

export interface FailoverOptions {
  readonly help: boolean;
  readonly quick: boolean;
  readonly runs: number;
  /** Runs of every client but Slotwise. */
  readonly otherRuns: number;
  readonly faults: readonly FaultName[];
  readonly clients: readonly FaultedClientName[];
  readonly coverages: readonly Coverage[];
  /** Clients in the crowd; 0: no crowd. */
  readonly crowd: number;
  readonly processes: number;
  readonly json: string | undefined;
  /** Files to print and write the results from, instead of measuring. */
  readonly from: readonly string[];
  /** Nothing is left out or cut short. */
  readonly complete: boolean;
}

const FULL = { runs: 5, otherRuns: 2, crowd: 1_000 };
const QUICK = { runs: 1, otherRuns: 1, crowd: 0 };
const DEFAULT_PROCESSES = 4;

const MAX_RUNS = 100;
const MAX_CROWD = 10_000;
const MAX_PROCESSES = 100;

const usualClients = faultedClientNames.filter((name) => faultedClients[name].isUsual);

export const usage: string = `Usage: npm run bench:failover -- [options]

  --quick            one short run of each, without full coverage and without the crowd, to see that it works
  --faults NAMES     only these, separated by commas: ${faultNames.join(', ')}
  --clients NAMES    only these clients: ${faultedClientNames.join(', ')}
                     (default ${usualClients.join(', ')})
  --coverage VALUE   cluster-require-full-coverage: yes, no or both (default both)
  --runs N           runs of Slotwise (default ${FULL.runs}, at most ${MAX_RUNS})
  --other-runs N     runs of every other client (default ${FULL.otherRuns}, or --runs if given)
  --crowd N          N Slotwise clients of one cluster when a primary hangs (default ${FULL.crowd}, at most ${MAX_CROWD}; 0: none);
                     given without --faults, the crowd alone is measured
  --processes N      processes that the crowd is spread over (default ${DEFAULT_PROCESSES})
  --json FILE        also write the figures there, after every case
  --from FILES       measure nothing: print and write the results from such files, taken together
  --help             this text

A run that leaves nothing out takes about an hour and a half; it, and --from, write bench/FAILOVER.md,
bench/failover.svg and bench/results/failover.json.`;

/** @throws {@link UsageError} */
export function parseOptions(args: readonly string[]): FailoverOptions {
  const given = parse(args);
  const quick = given.quick === true;
  const preset = quick ? QUICK : FULL;
  const crowdAlone = given.crowd !== undefined && given.faults === undefined;
  const runs = whole('--runs', given.runs, preset.runs, 1, MAX_RUNS);
  return {
    help: given.help === true,
    quick,
    runs,
    otherRuns: whole(
      '--other-runs',
      given['other-runs'],
      given.runs === undefined ? preset.otherRuns : runs,
      1,
      MAX_RUNS,
    ),
    faults: crowdAlone && given.crowd !== '0' ? [] : list('fault', given.faults, faultNames, faultNames),
    clients: list('client', given.clients, faultedClientNames, usualClients),
    coverages: coverageOf(given.coverage ?? (quick ? 'no' : 'both')),
    crowd: whole(
      '--crowd',
      given.crowd,
      given.faults === undefined && given.clients === undefined ? preset.crowd : 0,
      0,
      MAX_CROWD,
    ),
    processes: whole('--processes', given.processes, DEFAULT_PROCESSES, 1, MAX_PROCESSES),
    json: given.json,
    from: given.from?.split(',') ?? [],
    complete: ['quick', 'faults', 'clients', 'coverage', 'runs', 'other-runs', 'crowd'].every(
      (name) => given[name as keyof Given] === undefined,
    ),
  };
}

type Given = ReturnType<typeof parse>;

const OPTIONS = {
  quick: { type: 'boolean' },
  help: { type: 'boolean' },
  faults: { type: 'string' },
  clients: { type: 'string' },
  coverage: { type: 'string' },
  runs: { type: 'string' },
  'other-runs': { type: 'string' },
  crowd: { type: 'string' },
  processes: { type: 'string' },
  json: { type: 'string' },
  from: { type: 'string' },
} as const;

type Values = {
  readonly [Name in keyof typeof OPTIONS]?: (typeof OPTIONS)[Name]['type'] extends 'boolean'
    ? boolean
    : string;
};

function parse(args: readonly string[]): Values {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    const unknown = /^--([a-z-]+)/.exec(args.find((arg) => !(nameOf(arg) in OPTIONS)) ?? '')?.[1];
    const near = unknown === undefined ? undefined : nearestName(unknown, Object.keys(OPTIONS));
    throw new UsageError(
      `${(error as Error).message}${near === undefined ? '' : `; did you mean --${near}?`}`,
    );
  }
}

function nameOf(arg: string): string {
  return arg.startsWith('--') ? arg.slice(2).split('=')[0]! : 'help';
}

function list<T extends string>(
  what: string,
  value: string | undefined,
  known: readonly T[],
  usual: readonly T[],
): readonly T[] {
  if (value === undefined) return usual;
  const chosen = value.split(',').map((name) => name.trim());
  for (const name of chosen) {
    if ((known as readonly string[]).includes(name)) continue;
    const near = nearestName(name, known);
    throw new UsageError(
      `unknown ${what} ${JSON.stringify(name)}; ${near === undefined ? `there are ${known.join(', ')}` : `did you mean ${JSON.stringify(near)}?`}`,
    );
  }
  return known.filter((name) => chosen.includes(name));
}

function coverageOf(value: string): readonly Coverage[] {
  if (value === 'both') return ['no', 'yes'];
  if (value === 'yes' || value === 'no') return [value];
  throw new UsageError(`--coverage ${value}: expected yes, no or both`);
}

function whole(option: string, text: string | undefined, fallback: number, min: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new UsageError(`${option} ${text}: expected a whole number from ${min} to ${max}`);
  }
  return value;
}
