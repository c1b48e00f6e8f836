/**
 * `npm run demo`: a real cluster on this machine, a client at work, slots that move, a primary
 * that fails over and a replica that hangs.
 *
 * Exit code 0: every operation was answered without an error, and no increment was lost or made twice. 1: something
 * was not so, or the machine was too slow to show everything. 2: the command line is wrong. 128 and more: interrupted.
 */
import { constants } from 'node:os';
import { type Display, liveDisplay, plainDisplay } from './display.js';
import { type DemoOptions, parseOptions, usage, UsageError } from './options.js';
import { show } from './show.js';
import { isFlawless, summaryJson, summaryLines } from './summary.js';

/** Whatever the machine does, the show is broken off then. */
const LIMIT_MS = 25_000;
/** One Ctrl-C can arrive twice: from the terminal, and passed on by the process that started this one. */
const SAME_SIGNAL_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The show was broken off. */
class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
  readonly exitCode: number;
  readonly atMs: number = performance.now();

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const ending = new AbortController();
  for (const name of SIGNALS) process.on(name, () => interrupt(ending, name));
  const limit = setTimeout(
    () => ending.abort(new BrokenOff(`Broken off after ${LIMIT_MS / 1_000} s: this machine is very busy`, 1)),
    LIMIT_MS,
  );
  const display = chooseDisplay(options);
  process.once('exit', () => display.close());
  try {
    console.log('Starting 3 shards, each with a replica, over three zones ...');
    const summary = await show({ display, trafficMs: 1_000 * options.seconds, signal: ending.signal });
    display.close();
    const isGood = isFlawless(summary);
    const words = summaryLines(summary).join('\n');
    if (!options.json) console.log(words);
    else if (!isGood) console.error(words);
    if (options.json) console.log(summaryJson(summary));
    return isGood ? 0 : 1;
  } finally {
    display.close();
    clearTimeout(limit);
  }
}

/** The first signal ends the show in order. A later one ends the process at once, and thereby the servers too. */
function interrupt(ending: AbortController, name: (typeof SIGNALS)[number]): void {
  const exitCode = 128 + constants.signals[name];
  const first = ending.signal.reason as BrokenOff | undefined;
  if (first === undefined) ending.abort(new BrokenOff(`Ended by ${name}`, exitCode));
  else if (performance.now() - first.atMs > SAME_SIGNAL_MS) process.exit(exitCode);
}

function chooseDisplay({ plain }: DemoOptions): Display {
  if (plain || !process.stdout.isTTY || process.env['TERM'] === 'dumb') return plainDisplay(console.log);
  return liveDisplay(process.stdout, process.env);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
  } else if (error instanceof BrokenOff) {
    console.error(error.message);
    process.exitCode = error.exitCode;
  } else {
    throw error;
  }
}
