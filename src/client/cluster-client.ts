import { type CommandSurface, findCommand, installCommands } from '../commands/index.js';
import { InvalidArgumentError } from '../errors/index.js';
import type { Listener } from '../telemetry/index.js';
import { type ClusterTopology, slotOfKey } from '../topology/index.js';
import type { CallSettings } from './call.js';
import { ClientCore, type ClientStatus } from './client-core.js';
import { Commander } from './commander.js';
import type { ClientEvent, ClientEvents } from './events.js';
import { explain, type Explanation } from './explain.js';
import type { ClientOptions, CommandOptions, ResolvedOptions } from './options.js';
import { checkCommandOptions, resolveOptions } from './resolve-options.js';
import { type ClientSnapshot, takeSnapshot } from './snapshot.js';

/** A key: text, or bytes. @public */
export type Key = string | Uint8Array;

/** How long `close` waits for what is in flight unless told otherwise, in milliseconds. */
const DEFAULT_DRAIN_MS = 2_000;

/** Gives the inside of a client to its views, and to nobody else. */
class View {
  readonly core: ClientCore;
  readonly commander: Commander;
  readonly settings: CallSettings;

  constructor(core: ClientCore, commander: Commander, settings: CallSettings) {
    this.core = core;
    this.commander = commander;
    this.settings = settings;
  }
}

/**
 * A client of one Redis or Valkey deployment: a cluster, or a primary with replicas.
 *
 * It has every command as a method, in lower case and typed as ioredis types it (`get`, `hset`, `zadd`, ...), each
 * with a variant that gives Buffers (`getBuffer`). A command may be called at once: it waits, inside its deadline,
 * until the topology is known. Constructing does no I/O.
 *
 * Every command rejects with a `SlotwiseError` that says what happened, where, after which attempts, and whether the
 * command may have been executed.
 *
 * @public
 */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging -- the methods are put on the prototype below
export class ClusterClient {
  readonly #view: View;

  /** @throws {@link InvalidOptionsError} listing everything that is wrong with the options */
  constructor(options: ClientOptions | string) {
    this.#view = (options as unknown) instanceof View ? (options as unknown as View) : newView(options);
  }

  /** Learns the topology, unless that has been done. @throws {@link SeedsExhaustedError} with one error per seed */
  async connect(): Promise<this> {
    await this.#view.core.ready();
    return this;
  }

  /**
   * Ends the client and all its views. Calls made from now on reject with `ClientClosedError`; those in flight have
   * `drainMs` (default 2000) to be answered, those that wait for another attempt are ended at once.
   */
  async close(options: { readonly drainMs?: number } = {}): Promise<void> {
    const { drainMs = DEFAULT_DRAIN_MS } = options;
    if (!Number.isInteger(drainMs) || drainMs < 0) {
      throw new InvalidArgumentError(
        `close: drainMs is ${String(drainMs)}; expected a whole number of milliseconds, 0 or more`,
      );
    }
    await this.#view.core.close(drainMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Where the client stands in its life. */
  get status(): ClientStatus {
    return this.#view.core.status;
  }

  /** The topology in force; version 0 before the first is known. */
  get topology(): ClusterTopology {
    return this.#view.core.topology;
  }

  /** The options in force, defaults filled in. Holds no secrets. */
  get options(): ResolvedOptions {
    return this.#view.core.config.options;
  }

  /**
   * A light view of this client whose calls are made with other options. It shares everything else: closing either
   * closes both. Options left out are those of this view.
   *
   * @throws {@link InvalidOptionsError}
   */
  with(options: CommandOptions): ClusterClient {
    const { core, commander, settings } = this.#view;
    checkCommandOptions(options, core.config.options.commands.timeoutMs);
    const next: CallSettings = {
      timeoutMs: options.timeoutMs ?? settings.timeoutMs,
      hasOwnTimeout: options.timeoutMs !== undefined || settings.hasOwnTimeout,
      signal: options.signal ?? settings.signal,
      readFrom: options.readFrom ?? settings.readFrom,
      idempotent: options.idempotent ?? settings.idempotent,
      route: options.route ?? settings.route,
    };
    return new ClusterClient(new View(core, commander, next) as unknown as ClientOptions);
  }

  /**
   * Any command by name, also one that Slotwise does not know; such a one is taken for a write whose first argument is
   * its key. Strings in the reply are text.
   */
  call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#view.commander.call(name, args, false, this.#view.settings);
  }

  /** As {@link call}, with Buffers for strings. */
  callBuffer(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#view.commander.call(name, args, true, this.#view.settings);
  }

  /** Why `command` (default `'get'`) on this key goes to which node. Sends nothing. */
  explain(key: Key, command = 'get'): Explanation {
    if (typeof key !== 'string' && !((key as unknown) instanceof Uint8Array)) {
      throw new InvalidArgumentError(`explain: the key is ${typeof key}; expected string or Buffer`);
    }
    return explain(this.#view.core, findCommand(command, []), slotOfKey(key), this.#view.settings);
  }

  /** What the client has done so far, and how its nodes stand. */
  snapshot(): ClientSnapshot {
    return takeSnapshot(this.#view.core);
  }

  /** Asks for the topology now. @throws {@link SeedsExhaustedError} when nobody answers */
  async refreshTopology(): Promise<ClusterTopology> {
    await this.#view.core.refresher.refresh();
    return this.topology;
  }

  on<E extends ClientEvent>(event: E, listener: Listener<ClientEvents[E]>): this {
    this.#view.core.events.on(event, listener);
    return this;
  }

  once<E extends ClientEvent>(event: E, listener: Listener<ClientEvents[E]>): this {
    this.#view.core.events.once(event, listener);
    return this;
  }

  off<E extends ClientEvent>(event: E, listener: Listener<ClientEvents[E]>): this {
    this.#view.core.events.off(event, listener);
    return this;
  }

  static {
    installCommands(ClusterClient.prototype, (client, spec, args, asBuffers) => {
      const { commander, settings } = (client as ClusterClient).#view;
      return commander.run(spec, args, asBuffers, settings);
    });
  }
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface ClusterClient extends CommandSurface {}

/**
 * Makes a client and connects it.
 *
 * @throws {@link InvalidOptionsError} listing everything that is wrong with the options
 * @throws {@link SeedsExhaustedError} when no seed gave a topology, with one error per seed
 * @public
 */
export async function createClient(options: ClientOptions | string): Promise<ClusterClient> {
  const client = new ClusterClient(options);
  try {
    return await client.connect();
  } catch (error) {
    await client.close({ drainMs: 0 });
    throw error;
  }
}

function newView(options: ClientOptions | string): View {
  const config = resolveOptions(options);
  const core = new ClientCore(config);
  return new View(core, new Commander(core), {
    timeoutMs: config.options.commands.timeoutMs,
    hasOwnTimeout: false,
    signal: undefined,
    readFrom: config.options.readFrom,
    idempotent: undefined,
    route: undefined,
  });
}
