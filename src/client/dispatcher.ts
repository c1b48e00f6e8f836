import {
  type AttemptRecord,
  AuthRejectedError,
  CommandAbortedError,
  CommandTimeoutError,
  ClientClosedError,
  type Executed,
  InvalidArgumentError,
  InvariantError,
  LinkLostError,
  NoUsableNodeError,
  RedirectLimitError,
  ReplyError,
  RetryBudgetError,
  SlotUncoveredError,
  SlotwiseError,
} from '../errors/index.js';
import type { RefreshTrigger } from '../discovery/index.js';
import {
  type AttemptFailure,
  InternalAttempt,
  isRefusal,
  NOT_BATCHED,
  type Node,
  type NodePool,
} from '../node/index.js';
import { judgeReply, withoutArguments } from '../resilience/index.js';
import type { RouteTable } from '../routing/index.js';
import type { Clock, Random } from '../support/index.js';
import type { EventHub } from '../telemetry/index.js';
import { Call, type CallKeeper } from './call.js';
import { linkError, whyNowhere } from './call-errors.js';
import { DeadlineWatch } from './deadline-watch.js';
import type { ClientEvents } from './events.js';
import { Hedger } from './hedger.js';
import { judgeRedirect } from './judge-redirect.js';
import type { ResolvedOptions } from './options.js';
import { Retries } from './retries.js';
import { Router } from './router.js';
import { Trouble } from './trouble.js';
import type { WaitsFor } from './waiting-room.js';

/** What a dispatcher works with. */
export interface DispatcherOptions {
  readonly nodes: NodePool;
  readonly options: ResolvedOptions;
  readonly events: EventHub<ClientEvents>;
  readonly clock: Clock;
  readonly random: Random;
  /** A slot was said to have moved for good. */
  onMoved(slot: number, address: string, from: string): void;
  /** Called every few milliseconds while anything is under way. */
  onLook(nowMs: number): void;
  /** Refreshes of the topology that have ended with one. */
  refreshes(): number;
  /** Something was seen that a newer topology may explain. */
  requestRefresh(trigger: RefreshTrigger): void;
}

/** What the dispatcher has counted since it was made. */
export interface CommandCounters {
  calls: number;
  failures: number;
  retries: number;
  moved: number;
  asked: number;
  /** Reads taken away from a node that did not answer and given to another. */
  rerouted: number;
  hedged: number;
}

/** What they answer may be their own words. */
const SCRIPTS: ReadonlySet<string> = new Set([
  'eval',
  'eval_ro',
  'evalsha',
  'evalsha_ro',
  'fcall',
  'fcall_ro',
]);
/** After this many redirects in a row, the nodes disagree: waiting a little lets them settle. */
const REDIRECTS_AT_ONCE = 2;
/** After this many refreshes, a node that no topology names is not going to be named. */
const REFRESHES_TO_CONFIRM = 2;

/**
 * The attempt loop: sends every call to the node that its slot and the read policy choose, follows redirects, sends
 * again what certainly was not executed or may be executed twice, lets those wait that have nowhere to go, and ends
 * every call by its deadline.
 */
export class Dispatcher implements CallKeeper {
  readonly counters: CommandCounters = {
    calls: 0,
    failures: 0,
    retries: 0,
    moved: 0,
    asked: 0,
    rerouted: 0,
    hedged: 0,
  };
  readonly router: Router;
  readonly #options: DispatcherOptions;
  readonly #deadlines: DeadlineWatch;
  readonly #retries: Retries;
  readonly #hedger: Hedger | undefined;
  #closed = false;

  constructor(options: DispatcherOptions) {
    const { nodes, clock, random } = options;
    const { hedge } = options.options;
    this.#options = options;
    this.router = new Router(nodes, random);
    this.#deadlines = new DeadlineWatch(
      nodes,
      clock,
      (call) => this.#expire(call),
      (nowMs) => options.onLook(nowMs),
    );
    this.#retries = new Retries({
      options: options.options,
      events: options.events,
      clock,
      random,
      counters: this.counters,
      topology: () => this.router.table?.topology,
      send: (call) => this.#send(call),
      end: (call, error) => this.#end(call, error),
      watch: (call) => this.#deadlines.add(call),
    });
    if (hedge !== false) {
      this.#hedger = new Hedger({
        settings: hedge,
        clock,
        send: (call) => this.#hedge(call),
        calls: () => this.counters.calls,
      });
    }
  }

  /** Calls that wait for their shard to change. */
  get waiting(): number {
    return this.#retries.waiting;
  }

  /** Repetitions that may be sent at once. */
  get retryTokens(): number {
    return this.#retries.tokens;
  }

  /** Puts another topology in force, and lets those go on that waited for it. */
  useTable(table: RouteTable<Node>): void {
    this.router.useTable(table);
    this.#retries.topologyChanged();
  }

  /** A node has begun or ceased to be usable. */
  nodeChanged(node: Node): void {
    if (node.isUsable) {
      this.#retries.nodeUsable(node.address);
      return;
    }
    this.#options.requestRefresh(node.condition === 'suspect' ? 'suspect' : 'linkLost');
    if (node.condition === 'suspect') this.#takeAway(node);
  }

  /** Whole milliseconds: small integers cost no memory of their own. */
  nowMs(): number {
    return this.#deadlines.nowMs();
  }

  /** Something is in flight that is no call: nodes must be looked at. */
  wake(): void {
    this.#deadlines.wake();
  }

  /** Sends a call for the first time. Its outcome is always told to the call. */
  start(call: Call): void {
    this.counters.calls++;
    const { settings } = call;
    if (settings.signal !== undefined || settings.hasOwnTimeout) this.#watchClosely(call);
    if (call.settled) return;
    this.#send(call);
    if (this.#hedger !== undefined && call.spec.readOnly && !call.settled) this.#hedger.watch(call);
  }

  /** As {@link start}, once `ready` resolves; the wait is inside the call's deadline. */
  startAfter(call: Call, ready: Promise<unknown>): void {
    this.counters.calls++;
    this.holdUntil(call, ready, () => this.#send(call));
  }

  /** Lets a call wait until `ready` resolves, inside its deadline. */
  holdUntil(call: Call, ready: Promise<unknown>, goOn: () => void): void {
    this.#watchClosely(call);
    this.#deadlines.add(call);
    ready.then(
      () => {
        if (!call.settled) goOn();
      },
      (error: unknown) => this.#end(call, error as SlotwiseError),
    );
  }

  /** Ends what waits for its first or next attempt. What is in flight is ended by its reply, deadline or node. */
  beginClose(): void {
    this.#closed = true;
    for (const call of this.#deadlines.watched()) {
      if (call.node === undefined || call.trouble?.wait !== undefined)
        this.#end(call, new ClientClosedError());
    }
    this.#retries.close();
  }

  /** Stops watching deadlines, once nothing is in flight any more. */
  endClose(): void {
    this.#deadlines.close();
    this.#hedger?.close();
  }

  attemptFailed(call: Call, failure: AttemptFailure): void {
    if (call.settled) return;
    call.batch = NOT_BATCHED;
    switch (failure.kind) {
      case 'refused':
        this.#end(call, failure.error as SlotwiseError);
        return;
      case 'link':
        this.#linkFailed(call, failure.executed, failure.error);
        return;
      case 'reply':
        this.#replied(call, withoutArguments(failure.message));
    }
  }

  #send(call: Call): void {
    try {
      const node = call.pinned ?? this.router.choose(call);
      if (node === undefined || !node.isUsable) {
        this.#nowhereToGo(call, node);
        return;
      }
      call.node = node;
      if (call.trouble !== undefined) call.trouble.sentAtMs = this.nowMs();
      node.send(call);
    } catch (error) {
      this.#end(call, this.#whyNotSent(call, error));
      return;
    }
    this.#deadlines.wake();
  }

  /** Arguments that cannot be encoded, a read policy of the caller's that throws; anything else is our own fault. */
  #whyNotSent(call: Call, error: unknown): SlotwiseError {
    if (error instanceof SlotwiseError) return error;
    const details = { cause: error, attempts: call.trouble?.attempts ?? [] };
    return typeof call.settings.readFrom === 'function'
      ? new InvalidArgumentError(`The read policy threw when it was asked for ${call.spec.name}`, details)
      : new InvariantError(`${call.spec.name} could not be sent`, details);
  }

  /** @param node - the one that would be asked if it could be used */
  #nowhereToGo(call: Call, node: Node | undefined): void {
    call.node = undefined;
    call.pinned = undefined;
    call.prelude = undefined;
    if (isRefusal(node?.whyDown)) {
      this.#end(call, linkError(call, 'no', node!.whyDown!));
      return;
    }
    const reason = whyNowhere(call, node, this.router);
    if (!reason.retryable) {
      this.#end(call, reason);
      return;
    }
    this.#options.requestRefresh('slotUncovered');
    this.#retries.wait(call, 'shard', reason);
  }

  #linkFailed(call: Call, executed: Executed, error: Error): void {
    this.#record(call, executed === 'no' ? 'not sent' : 'link lost');
    if (this.#closed) {
      this.#end(call, new ClientClosedError({ executed }));
      return;
    }
    if (executed === 'maybe') this.#trouble(call).mayHaveRun = true;
    const reason = linkError(call, executed, error);
    // Asking again would be refused again, and may lock the user out.
    if (isRefusal(error as SlotwiseError)) {
      this.#end(call, reason);
      return;
    }
    this.#options.requestRefresh('linkLost');
    if (executed === 'no') this.#retries.later(call, reason, { costs: false });
    else if (call.isRepeatable) this.#retries.later(call, reason, { costs: true });
    else this.#end(call, reason);
  }

  #replied(call: Call, message: string): void {
    const verdict = judgeReply(message, SCRIPTS.has(call.spec.name));
    switch (verdict.action) {
      case 'redirect':
        this.#redirected(call, message);
        return;
      case 'wait':
        if (verdict.refresh) this.#options.requestRefresh('clusterDown');
        this.#repeat(call, message, verdict.refresh ? 'cluster' : undefined);
        return;
      case 'reroute':
        if (verdict.refresh) this.#options.requestRefresh('readOnly');
        if (call.spec.readOnly) call.node?.rest();
        this.#repeat(call, message, verdict.refresh ? 'shard' : undefined);
        return;
      case 'signIn':
        if (this.#options.options.credentials !== 'none' && !call.trouble?.hasSignedInAnew) {
          this.#trouble(call).hasSignedInAnew = true;
          // A lost link, not a refusal: what else it carries may be sent again over one that is signed in.
          call.node?.reopen(
            new LinkLostError(`${call.node.address} asked to sign in anew`, { retryable: true }),
          );
          this.#repeat(call, message, undefined);
          return;
        }
        this.#end(call, new AuthRejectedError(message, { attempts: call.trouble?.attempts ?? [] }));
        return;
      case 'reject': {
        const attempts = call.trouble?.attempts ?? [];
        const details = { executed: verdict.executed, attempts };
        this.#end(
          call,
          verdict.kind === 'auth'
            ? new AuthRejectedError(message, details)
            : new ReplyError(message, details),
        );
      }
    }
  }

  /**
   * Refused before it was executed: may be sent again.
   * @param waitsFor - what must change for another answer; `undefined`: time must pass
   */
  #repeat(call: Call, message: string, waitsFor: WaitsFor | undefined): void {
    this.#record(call, message.split(' ', 1)[0]!);
    const { attempts } = this.#trouble(call);
    this.#retries.later(call, new ReplyError(message, { retryable: true, attempts }), {
      costs: true,
      waitsFor,
    });
  }

  #redirected(call: Call, message: string): void {
    const { events, options, nodes } = this.#options;
    const from = call.node!;
    const trouble = this.#trouble(call);
    this.#record(call, message.split(' ', 1)[0]!);
    trouble.redirects++;
    const redirect = judgeRedirect(message, from, {
      redirects: trouble.redirects,
      maxRedirects: options.commands.maxRedirects,
      command: call.spec.name,
    });
    if (redirect.action === 'refuse') {
      this.#end(call, this.#redirectError(call, redirect.why));
      return;
    }
    const { kind, slot, address } = redirect;
    events.emit('commandRedirected', () => ({
      command: call.spec.name,
      kind,
      slot,
      from: from.address,
      to: address,
    }));
    this.counters[kind === 'moved' ? 'moved' : 'asked']++;
    if (this.router.table?.topology.nodeAt(address) === undefined) {
      this.#redirectedToStranger(call, `${from.address} sent ${call.spec.name} to ${address}`);
      return;
    }
    call.pinned = nodes.node(redirect.host, redirect.port, address);
    if (kind === 'moved') {
      call.prelude = undefined;
      this.#options.onMoved(slot, address, from.address);
    } else {
      call.prelude = new InternalAttempt(['ASKING']).unheard();
      this.#options.requestRefresh('ask');
    }
    this.#deadlines.add(call);
    if (trouble.redirects <= REDIRECTS_AT_ONCE) this.#send(call);
    else this.#retries.pause(call, trouble.redirects - REDIRECTS_AT_ONCE);
  }

  /**
   * Links sign in, so nobody is dialled because of a redirect alone: first the topology must name the node. A new
   * shard's primary is named by the next refresh.
   */
  #redirectedToStranger(call: Call, what: string): void {
    const trouble = this.#trouble(call);
    const refreshes = this.#options.refreshes();
    trouble.strangerSince ??= refreshes;
    if (refreshes - trouble.strangerSince > REFRESHES_TO_CONFIRM) {
      this.#end(call, this.#redirectError(call, `${what}, which no topology names`));
      return;
    }
    this.#options.requestRefresh('unknownNode');
    this.#retries.later(call, this.#redirectError(call, `${what}, which no topology names yet`), {
      costs: false,
    });
  }

  #redirectError(call: Call, message: string): RedirectLimitError {
    return new RedirectLimitError(message, { attempts: call.trouble?.attempts ?? [], retryable: true });
  }

  /** Reads in flight on a node that does not answer go to another; what it may still answer is ignored. */
  #takeAway(node: Node): void {
    const { link } = node;
    if (link === undefined) return;
    const reads: Call[] = [];
    for (let i = 0; i < link.unanswered; i++) {
      const attempt = link.unansweredAt(i);
      if (!(attempt instanceof Call) || attempt.settled || attempt.carrier !== link) continue;
      if (this.#readsElsewhere(attempt, node)) reads.push(attempt);
    }
    for (const call of reads) {
      link.withdraw(call);
      call.carrier = undefined;
      call.batch = NOT_BATCHED;
      this.#record(call, 'no answer');
      this.counters.rerouted++;
      this.#deadlines.add(call);
      this.#send(call);
    }
  }

  #readsElsewhere(call: Call, than: Node): boolean {
    try {
      return this.router.otherReader(call, than) !== undefined;
    } catch {
      // A read policy of the caller's that throws: the call stays where it is, and has its deadline.
      return false;
    }
  }

  /** Asks a second node for what a first one has not answered yet. @returns whether there was one to ask */
  #hedge(call: Call): boolean {
    const first = call.node;
    if (first === undefined || call.trouble?.wait !== undefined) return false;
    let second: Node | undefined;
    try {
      second = this.router.otherReader(call, first);
    } catch {
      return false;
    }
    if (second === undefined) return false;
    this.counters.hedged++;
    second.send(Hedger.attemptFor(call));
    this.#deadlines.wake();
    return true;
  }

  #watchClosely(call: Call): void {
    const { signal, hasOwnTimeout } = call.settings;
    const trouble = this.#trouble(call);
    if (signal !== undefined) {
      const abort = (): void => {
        this.#giveUp(
          call,
          (executed) =>
            new CommandAbortedError(`${call.spec.name} was given up by its signal`, {
              cause: signal.reason,
              executed,
            }),
        );
      };
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener('abort', abort, { once: true });
      trouble.atEnd.push(() => signal.removeEventListener('abort', abort));
    }
    if (hasOwnTimeout) {
      const leftMs = Math.max(0, call.deadlineMs - this.nowMs());
      const timer = this.#options.clock.schedule(leftMs, () => this.#expire(call));
      trouble.atEnd.push(() => timer.cancel());
    }
  }

  #expire(call: Call): void {
    if (call.settled) return;
    const { timeoutMs } = call.settings;
    const waitingFor = call.trouble?.waitingFor;
    const isWaiting = call.trouble?.wait !== undefined;
    if (isWaiting && TELLING_BY_THEMSELVES.some((kind) => waitingFor instanceof kind)) {
      this.#end(call, waitingFor!);
      return;
    }
    const where =
      isWaiting || call.node === undefined ? 'waiting for another attempt' : `at ${call.node.address}`;
    const cause = waitingFor === undefined ? {} : { cause: waitingFor };
    const last = waitingFor === undefined ? '' : `; before that: ${waitingFor.message}`;
    this.#giveUp(call, (executed) => {
      return new CommandTimeoutError(
        `${call.spec.name} was not answered within its ${timeoutMs} ms, ${where}${last}`,
        { executed, attempts: call.trouble?.attempts ?? [], retryable: true, ...cause },
      );
    });
  }

  /** Ends a call whose attempt may be under way. What has not left yet never will. */
  #giveUp(call: Call, errorFor: (executed: Executed) => SlotwiseError): void {
    if (call.settled) return;
    const isWaiting = call.trouble?.wait !== undefined;
    const hasLeft = !isWaiting && call.batch !== NOT_BATCHED && call.carrier?.withdraw(call) !== true;
    this.#end(call, errorFor(hasLeft ? 'maybe' : 'no'));
  }

  #end(call: Call, error: SlotwiseError): void {
    if (call.settled) return;
    this.counters.failures++;
    // Every error that ends a call is its own, so it can be told what earlier attempts left open.
    if (error.executed === 'no' && call.trouble?.mayHaveRun === true)
      (error as { executed: Executed }).executed = 'maybe';
    call.fail(error);
    this.#options.events.emit('commandFailed', () => ({
      command: call.spec.name,
      error,
      executed: error.executed,
    }));
  }

  #record(call: Call, outcome: string): void {
    const trouble = this.#trouble(call);
    const record: AttemptRecord = {
      node: call.node?.address ?? 'none',
      outcome,
      durationMs: this.nowMs() - (trouble.sentAtMs ?? call.startedAtMs),
    };
    trouble.attempts.push(record);
  }

  #trouble(call: Call): Trouble {
    return (call.trouble ??= new Trouble());
  }
}

/** What a call waited for in vain says more than that its time is up. */
const TELLING_BY_THEMSELVES = [SlotUncoveredError, NoUsableNodeError, RetryBudgetError];
