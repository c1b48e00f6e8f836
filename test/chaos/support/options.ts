import { nearestName } from '../../../src/support/index.js';
import type { Engine } from '../../../src/testing/index.js';
import { allFaults } from './faults/index.js';

/** What the command line of the long run can say. */
export interface ChaosOptions {
  readonly help: boolean;
  readonly minutes: number;
  /** Undefined: drawn anew. */
  readonly seed: number | undefined;
  /** Names of faults; undefined: all. */
  readonly faults: readonly string[] | undefined;
  /** Undefined: whichever is installed, by lot. */
  readonly engine: Engine | undefined;
}

const DEFAULT_MINUTES = 5;
const MAX_MINUTES = 24 * 60;
const MAX_SEED = 2 ** 32 - 1;
const ENGINES: readonly Engine[] = ['redis', 'valkey'];
const OPTIONS = ['--minutes', '--seed', '--faults', '--engine', '--help'];

const nameWidth = Math.max(...allFaults.map(({ name }) => name.length));

export const usage: string = `Usage: npm run chaos -- [options]

Starts real clusters on this machine, one after another, lets faults happen to them while a client is at work, and
checks what must hold whatever happens. Ends with exit code 1 when something did not.

  --minutes N     how long (default ${DEFAULT_MINUTES}); the fault under way is seen to its end
  --seed S        0 to ${MAX_SEED}: draws the same faults again (default: drawn, and printed first)
  --faults NAMES  only these, separated by commas (below)
  --engine NAME   ${ENGINES.join(' or ')} (default: both in turn by lot, where installed)
  --help          this text

Faults:
${allFaults.map(({ name, summary }) => `  ${name.padEnd(nameWidth)}  ${summary}`).join('\n')}

Exit codes: 0 everything held; 1 an invariant was violated; 2 the command line is wrong; 3 the servers did not do what
they were asked to, which says nothing of the client; 128 and more: interrupted.`;

/** The command line is wrong; the message says what was expected. */
export class ChaosUsageError extends Error {
  override readonly name = 'ChaosUsageError';
}

/** @throws {@link ChaosUsageError} */
export function parseOptions(args: readonly string[]): ChaosOptions {
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] as string;
    const split = argument.indexOf('=');
    const option = split === -1 ? argument : argument.slice(0, split);
    if (!OPTIONS.includes(option)) throw unknown('option', option, OPTIONS);
    if (given.has(option)) throw new ChaosUsageError(`${option} is there twice`);
    if (option === '--help') {
      if (split !== -1) throw new ChaosUsageError('--help takes no value');
      given.set(option, '');
      continue;
    }
    const value = split === -1 ? args[++at] : argument.slice(split + 1);
    if (value === undefined || value.trim() === '' || value.startsWith('--')) {
      throw new ChaosUsageError(`${option} needs a value`);
    }
    given.set(option, value.trim());
  }
  return {
    help: given.has('--help'),
    minutes: parseMinutes(given.get('--minutes')),
    seed: parseSeed(given.get('--seed')),
    faults: parseFaults(given.get('--faults')),
    engine: parseEngine(given.get('--engine')),
  };
}

function parseMinutes(text: string | undefined): number {
  if (text === undefined) return DEFAULT_MINUTES;
  const minutes = Number(text);
  if (minutes > 0 && minutes <= MAX_MINUTES) return minutes;
  throw new ChaosUsageError(`--minutes ${text}: expected a number above 0, at most ${MAX_MINUTES}`);
}

function parseSeed(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seed = Number(text);
  if (Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED) return seed;
  throw new ChaosUsageError(`--seed ${text}: expected a whole number from 0 to ${MAX_SEED}`);
}

function parseFaults(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const known = allFaults.map(({ name }) => name);
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) if (!known.includes(name)) throw unknown('fault', name, known);
  return [...new Set(names)];
}

function parseEngine(text: string | undefined): Engine | undefined {
  if (text === undefined) return undefined;
  const engine = ENGINES.find((each) => each === text);
  if (engine === undefined) throw unknown('engine', text, ENGINES);
  return engine;
}

function unknown(what: string, name: string, known: readonly string[]): ChaosUsageError {
  const meant = name === '' ? undefined : nearestName(name, known);
  const hint = meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`;
  return new ChaosUsageError(`There is no ${what} '${name}'; ${hint}`);
}
