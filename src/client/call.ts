import {
  type CommandSpec,
  headOf,
  invalidArgument,
  isIdempotent,
  type RequestWriter,
  shapeReply,
} from '../commands/index.js';
import type { SlotwiseError } from '../errors/index.js';
import { Attempt, type AttemptFailure, type Node } from '../node/index.js';
import type { ReadPolicy, ReadPolicyName } from '../routing/index.js';
import type { Trouble } from './trouble.js';

/** What holds for the calls of one client, or of one view of it. */
export interface CallSettings {
  readonly timeoutMs: number;
  /** Whether `timeoutMs` is the client's own, which is watched without a timer per call. */
  readonly hasOwnTimeout: boolean;
  readonly signal: AbortSignal | undefined;
  readonly readFrom: ReadPolicyName | ReadPolicy;
  readonly idempotent: boolean | undefined;
  readonly route: string | undefined;
  /** The call is one of those that a command without keys was fanned out to: its route is ours, not the caller's. */
  readonly isPart?: boolean;
}

/** Decides what becomes of a call whose attempt ended without a usable reply. */
export interface CallKeeper {
  attemptFailed(call: Call, failure: AttemptFailure): void;
}

/** A command without a key: any primary will do. */
export const NO_SLOT = -1;

/**
 * One call of one command, and its present attempt: the object that waits in a link's queue is the call itself, so a
 * command that succeeds at once, as nearly all do, costs one object and one promise.
 */
export class Call extends Attempt {
  readonly spec: CommandSpec;
  readonly args: readonly unknown[];
  readonly settings: CallSettings;
  /** The keys' slot, or {@link NO_SLOT}. */
  readonly slot: number;
  /** When the call began, by the keeper's coarse clock, in whole milliseconds. */
  readonly startedAtMs: number;
  /** The node the present attempt was given to. */
  node: Node | undefined = undefined;
  /** Where the present attempt must go whatever the topology says: the target of a redirect, or a wish. */
  pinned: Node | undefined = undefined;
  /** What a call that did not succeed at once needs to remember. */
  trouble: Trouble | undefined = undefined;
  readonly #keeper: CallKeeper;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    keeper: CallKeeper,
    spec: CommandSpec,
    args: readonly unknown[],
    asBuffers: boolean,
    settings: CallSettings,
    slot: number,
    startedAtMs: number,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    super(!asBuffers);
    this.#keeper = keeper;
    this.spec = spec;
    this.args = args;
    this.settings = settings;
    this.slot = slot;
    this.startedAtMs = startedAtMs;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  override encode(writer: RequestWriter): void {
    const { spec, args } = this;
    const refused = writer.append(headOf(spec, args.length), args);
    if (refused !== -1) throw invalidArgument(spec, args, refused);
  }

  override succeeded(reply: unknown): void {
    this.settled = true;
    if (this.trouble !== undefined) this.trouble.end();
    this.#resolve(this.spec.shape === 'asSent' ? reply : shapeReply(this.spec, reply, !this.wantsText));
  }

  override failed(failure: AttemptFailure): void {
    this.#keeper.attemptFailed(this, failure);
  }

  /** Ends a call that was only to wait for its turn: what comes after it is done by others. */
  pass(): void {
    this.settled = true;
    this.trouble?.end();
    this.#resolve(undefined);
  }

  /** Ends the call with an error. Later replies are ignored, and nothing is sent any more. */
  fail(error: SlotwiseError): void {
    if (this.settled) return;
    this.settled = true;
    if (this.trouble !== undefined) this.trouble.end();
    this.#reject(error);
  }

  /** Whether sending the command a second time can do no harm. */
  get isRepeatable(): boolean {
    return this.settings.idempotent ?? isIdempotent(this.spec, this.args);
  }

  get deadlineMs(): number {
    return this.startedAtMs + this.settings.timeoutMs;
  }
}
