import {
  type CommandArgument,
  type CommandSpec,
  findCommand,
  firstKeyIndex,
  isBlocking,
  keyIndexes,
  mergeReplies,
  mergeSplit,
  normalizeArguments,
  resolveSubcommand,
  splitBySlot,
} from '../commands/index.js';
import {
  ClientClosedError,
  CrossSlotError,
  type Executed,
  InvalidArgumentError,
  NoUsableNodeError,
  SlotwiseError,
} from '../errors/index.js';
import type { Node } from '../node/index.js';
import { slotOfKey } from '../topology/index.js';
import { Call, type CallSettings, NO_SLOT } from './call.js';
import type { ClientCore } from './client-core.js';
import { Gather } from './gather.js';

type Resolve = (value: unknown) => void;
type Reject = (error: unknown) => void;

/** A command as it was ordered; the commonest ones, with a key at a known place, go without. */
interface Order {
  readonly spec: CommandSpec;
  readonly args: readonly CommandArgument[];
  readonly asBuffers: boolean;
  readonly settings: CallSettings;
  readonly resolve: Resolve;
  readonly reject: Reject;
}

/**
 * Turns a method call into one {@link Call}, or into several whose replies become one: multi-key commands are split
 * over the slots of their keys, commands without keys are fanned out where the command table says so.
 */
export class Commander {
  readonly #core: ClientCore;

  constructor(core: ClientCore) {
    this.#core = core;
  }

  /** Runs a command whose spec is known. Rejects with what went wrong; never throws. */
  run(
    spec: CommandSpec,
    given: readonly unknown[],
    asBuffers: boolean,
    settings: CallSettings,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#run(spec, given, asBuffers, settings, resolve, reject);
    });
  }

  /** Runs a command by name: also one that the table does not know. */
  call(
    name: unknown,
    given: readonly unknown[],
    asBuffers: boolean,
    settings: CallSettings,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (typeof name !== 'string' || !/^[\x21-\x7e]+$/.test(name)) {
        throw new InvalidArgumentError(
          "The command's name must be a string of visible ASCII characters without spaces",
        );
      }
      this.#run(findCommand(name, given.flat()), given, asBuffers, settings, resolve, reject);
    });
  }

  #run(
    spec: CommandSpec,
    given: readonly unknown[],
    asBuffers: boolean,
    settings: CallSettings,
    resolve: Resolve,
    reject: Reject,
  ): void {
    if (this.#core.isClosed) throw new ClientClosedError();
    const args = normalizeArguments(spec, given);
    const keyAt = spec.singleKeyAt;
    if (keyAt !== -1) {
      this.#start(
        this.#callOf(spec, args, asBuffers, settings, slotOfArgument(args[keyAt]!), resolve, reject),
      );
      return;
    }
    const actual = spec.subcommands === undefined ? spec : resolveSubcommand(spec, args);
    if (actual.connectionState) {
      throw new InvalidArgumentError(
        `${actual.name.replace('|', ' ')} changes the state of a connection, and many callers share this one`,
      );
    }
    if (actual.blocking && isBlocking(actual, args)) {
      throw new InvalidArgumentError(
        `${actual.name} would block its connection, and many callers share this one: poll without blocking`,
      );
    }
    const order: Order = { spec: actual, args, asBuffers, settings, resolve, reject };
    if (actual.keyless) this.#runKeyless(order);
    else this.#runWithKeys(order);
  }

  #runWithKeys(order: Order): void {
    const { spec, args, resolve, reject } = order;
    if (spec.split === undefined) {
      this.#start(this.#callFor(order, this.#commonSlot(spec, args)));
      return;
    }
    const parts = splitBySlot(spec, args, slotOfArgument);
    if (parts.length === 1) {
      this.#start(this.#callFor(order, parts[0]!.slot));
      return;
    }
    const gather = new Gather(
      parts.length,
      (replies) => {
        try {
          resolve(mergeSplit(spec, parts, replies));
        } catch (error) {
          reject(error);
        }
      },
      reject,
    );
    const failed = (error: unknown): void => gather.failed(error as SlotwiseError);
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      const succeeded = (reply: unknown): void => gather.succeeded(i, reply);
      this.#start(
        this.#callOf(spec, part.args, order.asBuffers, order.settings, part.slot, succeeded, failed),
      );
    }
  }

  #runKeyless(order: Order): void {
    const { spec, args, asBuffers, settings, reject } = order;
    const isFannedOut = spec.requestPolicy === 'all_nodes' || spec.requestPolicy === 'all_shards';
    if (!isFannedOut || settings.route !== undefined) {
      this.#start(this.#callFor(order, NO_SLOT));
      return;
    }
    // What only waits for the topology is no call of its own: its parts are, within what is left of its deadline.
    const fanOut = (): void => this.#fanOut(order, gate.startedAtMs);
    const gate = this.#callOf(spec, args, asBuffers, settings, NO_SLOT, fanOut, reject);
    this.#core.dispatcher.holdUntil(gate, this.#core.ready(), () => gate.pass());
  }

  /** Sends a command to each of its targets. */
  #fanOut({ spec, args, asBuffers, settings, resolve, reject }: Order, startedAtMs: number): void {
    const targets = this.#targetsOf(spec);
    if (targets.length === 0) {
      reject(new NoUsableNodeError(`No node is known to send ${spec.name} to`, { retryable: true }));
      return;
    }
    const gather = new Gather(
      targets.length,
      (outcomes) => {
        try {
          resolve(mergeReplies(spec, outcomes, this.#core.random));
        } catch (error) {
          const isTouched = outcomes.some(
            (outcome) => !(outcome instanceof SlotwiseError) || outcome.executed !== 'no',
          );
          if (isTouched && error instanceof SlotwiseError)
            (error as { executed: Executed }).executed = 'maybe';
          reject(error);
        }
      },
      reject,
    );
    const { dispatcher } = this.#core;
    targets.forEach((node, i) => {
      // Some response policies are content with one success, so failures are outcomes like others here.
      const ended = (outcome: unknown): void => gather.succeeded(i, outcome);
      const part: CallSettings = { ...settings, route: node.address, isPart: true };
      dispatcher.start(new Call(dispatcher, spec, args, asBuffers, part, NO_SLOT, startedAtMs, ended, ended));
    });
  }

  /** A command that reads runs wherever it may; the rest runs on primaries, whose replicas follow. */
  #targetsOf(spec: CommandSpec): readonly Node[] {
    const table = this.#core.dispatcher.router.table!;
    return spec.requestPolicy === 'all_nodes' ? table.all() : table.primaries();
  }

  #callFor({ spec, args, asBuffers, settings, resolve, reject }: Order, slot: number): Call {
    return this.#callOf(spec, args, asBuffers, settings, slot, resolve, reject);
  }

  #callOf(
    spec: CommandSpec,
    args: readonly CommandArgument[],
    asBuffers: boolean,
    settings: CallSettings,
    slot: number,
    resolve: Resolve,
    reject: Reject,
  ): Call {
    const { dispatcher } = this.#core;
    return new Call(dispatcher, spec, args, asBuffers, settings, slot, dispatcher.nowMs(), resolve, reject);
  }

  #start(call: Call): void {
    const { dispatcher } = this.#core;
    if (dispatcher.router.table === undefined) dispatcher.startAfter(call, this.#core.ready());
    else dispatcher.start(call);
  }

  /** The slot of all keys. @throws {@link CrossSlotError} when they have no common one */
  #commonSlot(spec: CommandSpec, args: readonly CommandArgument[]): number {
    const first = firstKeyIndex(spec, args);
    if (first === -1) return NO_SLOT;
    const slot = slotOfArgument(args[first]!);
    for (const index of keyIndexes(spec, args)) {
      const other = slotOfArgument(args[index]!);
      if (other !== slot) {
        throw new CrossSlotError(
          `${spec.name.replace('|', ' ')} cannot be split over slots: argument ${first + 1} lies in slot ${slot}, argument ${index + 1} in slot ${other}. Give keys that belong together a common {hash tag}`,
        );
      }
    }
    return slot;
  }
}

/** Numbers travel as their decimal form, so that decides. */
function slotOfArgument(key: CommandArgument): number {
  return slotOfKey(typeof key === 'string' || key instanceof Uint8Array ? key : String(key));
}
