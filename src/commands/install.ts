import { commandNames, commandSpec, resolveSubcommand } from './lookup.js';
import type { CommandSpec } from './spec.js';
import { CONNECTION_STATE } from './traits.js';

/** Sends a command for a client. `args` are as the caller gave them, without a callback. */
export type RunCommand<Client> = (
  client: Client,
  spec: CommandSpec,
  args: unknown[],
  asBuffers: boolean,
) => Promise<unknown>;

/** A Node-style callback in the last place. */
type Callback = (error: unknown, reply?: unknown) => void;

/**
 * Gives a class a method for every command of the table and its `...Buffer` variant (`get`, `getBuffer`), except for
 * commands that change the state of their connection. Methods of the class itself come first, inherited ones last.
 *
 * The methods take arguments as ioredis's do, with a Node-style callback last if there is one; the promise is returned
 * in any case. What a callback throws becomes an uncaught exception.
 */
export function installCommands<Client extends object>(prototype: Client, run: RunCommand<Client>): void {
  // An object without a prototype is a dictionary: six hundred names cost it a fraction of a millisecond, where adding
  // them to a class's prototype one by one costs ten. Hence a link of its own in the chain.
  const methods = Object.create(null) as Record<string, unknown>;
  for (const name of commandNames()) {
    if (name.includes('|') || CONNECTION_STATE.has(name)) continue;
    methods[name] = commandMethod(run, name, false);
    methods[`${name}Buffer`] = commandMethod(run, name, true);
  }
  Object.setPrototypeOf(methods, Object.getPrototypeOf(prototype) as object);
  Object.setPrototypeOf(prototype, methods);
}

function commandMethod<Client>(
  run: RunCommand<Client>,
  name: string,
  asBuffers: boolean,
): (this: Client, ...args: unknown[]) => Promise<unknown> {
  let known: CommandSpec | undefined;
  return function (...args) {
    known ??= commandSpec(name);
    const callback = typeof args.at(-1) === 'function' ? (args.pop() as Callback) : undefined;
    const spec = known.subcommands === undefined ? known : resolveSubcommand(known, args);
    const reply = run(this, spec, args, asBuffers);
    if (callback !== undefined) answer(reply, callback);
    return reply;
  };
}

/** Calls back in a microtask of its own, so that what the callback throws is not taken for a rejection. */
function answer(reply: Promise<unknown>, callback: Callback): void {
  const callLater = (error: unknown, value?: unknown): void => queueMicrotask(() => callback(error, value));
  void reply.then((value) => callLater(null, value), callLater);
}
