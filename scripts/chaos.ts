/**
 * `npm run chaos`: rounds of faults on real servers, for as long as one likes. Prints its seed first; each round prints
 * its own, which repeats it when given as `--seed`.
 */
import { constants } from 'node:os';
import { type Engine, findServer, HarnessError } from '../src/testing/index.js';
import { ChaosUsageError, parseOptions, usage } from '../test/chaos/support/options.js';
import { runRounds } from '../test/chaos/support/rounds.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C can arrive twice: from the terminal, and passed on by the process that started this one. */
const SAME_SIGNAL_MS = 500;
const EXIT = { kept: 0, violated: 1, usage: 2, harness: 3 };

/** The run was broken off. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;
  readonly atMs: number = performance.now();

  constructor(name: (typeof SIGNALS)[number]) {
    super(`Ended by ${name}`);
    this.exitCode = 128 + constants.signals[name];
  }
}

async function main(args: readonly string[]): Promise<number> {
  const { help, minutes, seed = anySeed(), faults, engine } = parseOptions(args);
  if (help) {
    console.log(usage);
    return EXIT.kept;
  }
  const ending = new AbortController();
  for (const name of SIGNALS) process.on(name, () => interrupt(ending, name));
  const totals = await runRounds({
    minutes,
    seed,
    faults,
    engines: await installed(engine),
    signal: ending.signal,
    print: console.log,
  });
  if (totals.violations > 0) return EXIT.violated;
  if (totals.harnessFailures > 0) return EXIT.harness;
  return EXIT.kept;
}

function anySeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

/** The first signal ends the run in order. A later one ends the process at once, and thereby the servers too. */
function interrupt(ending: AbortController, name: (typeof SIGNALS)[number]): void {
  const first = ending.signal.reason as Interrupted | undefined;
  if (first === undefined) ending.abort(new Interrupted(name));
  else if (performance.now() - first.atMs > SAME_SIGNAL_MS) process.exit(new Interrupted(name).exitCode);
}

/** @throws {@link HarnessError} when there is no server */
async function installed(wanted: Engine | undefined): Promise<Engine[]> {
  const asked: readonly Engine[] = wanted === undefined ? ['redis', 'valkey'] : [wanted];
  const found = await Promise.allSettled(asked.map((engine) => findServer({ engine })));
  const engines = asked.filter((_, i) => found[i]?.status === 'fulfilled');
  if (engines.length === 0) throw (found[0] as PromiseRejectedResult).reason;
  return engines;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof ChaosUsageError) {
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = EXIT.usage;
  } else if (error instanceof Interrupted) {
    console.error(error.message);
    process.exitCode = error.exitCode;
  } else if (error instanceof HarnessError) {
    console.error(error.message);
    process.exitCode = EXIT.harness;
  } else {
    throw error;
  }
}
