/** What the command line of the demo can say. */
export interface DemoOptions {
  readonly help: boolean;
  /** Ends with one line of JSON instead of a summary in words. */
  readonly json: boolean;
  /** Plain lines also on a terminal. */
  readonly plain: boolean;
  /** How long traffic runs. */
  readonly seconds: number;
}

const MIN_SECONDS = 6;
const MAX_SECONDS = 18;
const DEFAULT_SECONDS = 13;

export const usage: string = `Usage: npm run demo -- [options]

Starts a real cluster on this machine, moves slots and fails a primary over while a client works, and shows it.

  --seconds N   how long traffic runs: ${MIN_SECONDS} to ${MAX_SECONDS} (default ${DEFAULT_SECONDS})
  --json        end with one line of JSON
  --plain       plain lines, also on a terminal
  --help        this text

NO_COLOR=1 turns colours off.`;

/** The command line is wrong; the message says what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws {@link UsageError} */
export function parseOptions(args: readonly string[]): DemoOptions {
  const flags = { help: false, json: false, plain: false };
  let seconds = DEFAULT_SECONDS;
  for (let at = 0; at < args.length; at++) {
    const [option, inline] = (args[at] as string).split('=', 2) as [string, string | undefined];
    switch (option) {
      case '--seconds':
        seconds = parseSeconds(inline ?? args[++at]);
        break;
      case '--help':
      case '--json':
      case '--plain':
        if (inline !== undefined) throw new UsageError(`${option} takes no value`);
        flags[option.slice(2) as keyof typeof flags] = true;
        break;
      default:
        throw new UsageError(
          `There is no option ${option}; there are --seconds N, --json, --plain and --help`,
        );
    }
  }
  return { ...flags, seconds };
}

function parseSeconds(text: string | undefined): number {
  const seconds = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  if (seconds >= MIN_SECONDS && seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(
    `--seconds ${text ?? ''}: expected a number from ${MIN_SECONDS} to ${MAX_SECONDS}`.replace(' :', ':'),
  );
}
