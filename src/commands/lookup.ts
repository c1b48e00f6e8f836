import { textOf } from './argument-text.js';
import { type CommandSpec, parseSpec } from './spec.js';
import { TABLE } from './table.js';

/** How many commands that the table does not know are remembered; further ones are described anew at each call. */
const MAX_UNKNOWN_COMMANDS = 256;
/** In the notation of table.ts: any number of arguments, a write, the first argument is the only key. */
const UNKNOWN_ROW = '-1 w 1';

/** The table's rows by name. Most programs use few commands: a row is parsed when it is first asked for. */
const rows: ReadonlyMap<string, string> = new Map(
  TABLE.flatMap((section) => section.split('\n')).map((line) => {
    const end = line.indexOf(' ');
    return [line.slice(0, end), line.slice(end + 1)];
  }),
);
const known = new Map<string, CommandSpec>();
const unknown = new Map<string, CommandSpec>();

/** The names of every command and subcommand of the table, lower case, subcommands as `config|get`. */
export function commandNames(): readonly string[] {
  return [...rows.keys()];
}

/**
 * The spec of a command (`get`) or subcommand (`config|get`); an {@link unknownCommand} when the table has none.
 *
 * @param name - in any case
 */
export function commandSpec(name: string): CommandSpec {
  return known.get(name) ?? parseKnown(name.toLowerCase()) ?? unknownCommand(name);
}

function parseKnown(name: string): CommandSpec | undefined {
  const parsed = known.get(name);
  const row = rows.get(name);
  if (parsed !== undefined || row === undefined) return parsed;
  const spec = parseSpec(name, row, subcommandsOf(name));
  known.set(name, spec);
  return spec;
}

function subcommandsOf(name: string): ReadonlyMap<string, CommandSpec> | undefined {
  const prefix = `${name}|`;
  const subcommands = new Map<string, CommandSpec>();
  for (const [subcommand, row] of rows) {
    if (!subcommand.startsWith(prefix)) continue;
    const spec = parseSpec(subcommand, row, undefined);
    known.set(subcommand, spec);
    subcommands.set(subcommand.slice(prefix.length), spec);
  }
  return subcommands.size === 0 ? undefined : subcommands;
}

/**
 * The spec of a command as it is called: of the subcommand, when the first argument names one.
 *
 * A container's subcommand that the table does not have is taken for the container, which has no key.
 *
 * @param name - in any case, without a subcommand
 */
export function findCommand(name: string, args: readonly unknown[]): CommandSpec {
  const spec = commandSpec(name);
  return spec.subcommands === undefined ? spec : resolveSubcommand(spec, args);
}

/** As {@link findCommand}, for a spec at hand. */
export function resolveSubcommand(spec: CommandSpec, args: readonly unknown[]): CommandSpec {
  if (spec.subcommands === undefined) return spec;
  return spec.subcommands.get(textOf(args[0]).toLowerCase()) ?? spec;
}

/**
 * The spec of a command that the table does not have: of a module, or newer than this package.
 *
 * It is taken for the most careful that routes well: a write that is not idempotent, whose first argument, if there is
 * one, is its only key. So it is for nearly all commands of modules (`JSON.SET`, `BF.ADD`, `TS.ADD`).
 */
export function unknownCommand(name: string): CommandSpec {
  const lowerCase = name.toLowerCase();
  const remembered = unknown.get(lowerCase);
  if (remembered !== undefined) return remembered;
  const spec = parseSpec(lowerCase, UNKNOWN_ROW, undefined);
  if (unknown.size < MAX_UNKNOWN_COMMANDS) unknown.set(lowerCase, spec);
  return spec;
}
