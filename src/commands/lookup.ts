import { textOf } from './argument-text.js';
import { type CommandSpec, parseSpec, type Subcommands } from './spec.js';
import { TABLE } from './table.js';

/** How many commands that the table does not know are remembered; further ones are described anew at each call. */
const MAX_UNKNOWN_COMMANDS = 256;

const specs: ReadonlyMap<string, CommandSpec> = readTable();
const unknown = new Map<string, CommandSpec>();

function readTable(): Map<string, CommandSpec> {
  const lines = TABLE.flatMap((section) => section.split('\n'));
  const containers = new Map<string, Subcommands>();
  for (const line of lines) {
    const bar = line.indexOf('|');
    if (bar !== -1) containers.set(line.slice(0, bar), new Map());
  }
  const read = new Map<string, CommandSpec>();
  for (const line of lines) {
    const spec = parseSpec(line, containers.get(line.slice(0, line.indexOf(' '))));
    read.set(spec.name, spec);
    if (spec.name !== spec.word) containers.get(spec.word)?.set(spec.name.slice(spec.word.length + 1), spec);
  }
  return read;
}

/** Every command and subcommand of the table. */
export function allCommands(): Iterable<CommandSpec> {
  return specs.values();
}

/**
 * The spec of a command (`get`) or subcommand (`config|get`); an {@link unknownCommand} when the table has none.
 *
 * @param name - in any case
 */
export function commandSpec(name: string): CommandSpec {
  return specs.get(name) ?? specs.get(name.toLowerCase()) ?? unknownCommand(name);
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
  const known = unknown.get(lowerCase);
  if (known !== undefined) return known;
  const spec = { ...parseSpec('? -1 w 1', undefined), name: lowerCase, word: lowerCase };
  const frozen = Object.freeze(spec);
  if (unknown.size < MAX_UNKNOWN_COMMANDS) unknown.set(lowerCase, frozen);
  return frozen;
}
