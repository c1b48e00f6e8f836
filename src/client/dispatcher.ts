import {
  type AttemptRecord,
  AuthRejectedError,
  CommandAbortedError,
  CommandTimeoutError,
  ConnectError,
  ClientClosedError,
  CredentialsError,
  type Executed,
  InvalidArgumentError,
  InvariantError,
  LinkLostError,
  NoUsableNodeError,
  RedirectLimitError,
  ReplyError,
  SlotUncoveredError,
  SlotwiseError,
} from '../errors/index.js';
import type { RefreshTrigger } from '../discovery/index.js';
import {
  type AttemptFailure,
  InternalAttempt,
  NOT_BATCHED,
  type Node,
  type NodePool,
} from '../node/index.js';
import { fullJitterMs, judgeReply, withoutArguments } from '../resilience/index.js';
import type { Candidate, RouteTable } from '../routing/index.js';
import type { Clock, Random } from '../support/index.js';
import type { EventHub } from '../telemetry/index.js';
import { formatAddress, parseRedirect } from '../topology/index.js';
import { type Call, type CallKeeper, NO_SLOT, Trouble } from './call.js';
import { DeadlineWatch } from './deadline-watch.js';
import type { ClientEvents } from './events.js';
import type { ResolvedOptions } from './options.js';

/** What a dispatcher works with. */
export interface DispatcherOptions {
  readonly nodes: NodePool;
  readonly options: ResolvedOptions;
  readonly events: EventHub<ClientEvents>;
  readonly clock: Clock;
  readonly random: Random;
  /** A slot was said to have moved for good. */
  onMoved(slot: number, address: string): void;
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

/**
 * The attempt loop: sends every call to the node that its slot and the read policy choose, follows redirects, sends
 * again what certainly was not executed or may be executed twice, and ends every call by its deadline.
 */
export class Dispatcher implements CallKeeper {
  readonly counters: CommandCounters = { calls: 0, failures: 0, retries: 0, moved: 0, asked: 0 };
  readonly #options: DispatcherOptions;
  readonly #deadlines: DeadlineWatch;
  #table: RouteTable<Node> | undefined;
  #turn = 0;
  #closed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#deadlines = new DeadlineWatch(options.nodes, options.clock, (call) => this.#expire(call));
  }

  get table(): RouteTable<Node> | undefined {
    return this.#table;
  }

  /** Puts another topology in force. Calls that wait for a node are looked at again when their wait is over. */
  useTable(table: RouteTable<Node>): void {
    this.#table = table;
  }

  /** Whole milliseconds: small integers cost no memory of their own. */
  nowMs(): number {
    return this.#deadlines.nowMs();
  }

  /** Sends a call for the first time. Its outcome is always told to the call. */
  start(call: Call): void {
    this.counters.calls++;
    const { settings } = call;
    if (settings.signal !== undefined || settings.hasOwnTimeout) this.#watchClosely(call);
    if (!call.settled) this.#send(call);
  }

  /** Lets a call wait until `ready` resolves, inside its deadline, and then sends it. */
  startAfter(call: Call, ready: Promise<unknown>): void {
    this.counters.calls++;
    this.#watchClosely(call);
    this.#deadlines.add(call);
    ready.then(
      () => {
        if (!call.settled) this.#send(call);
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
  }

  /** Stops watching deadlines, once nothing is in flight any more. */
  endClose(): void {
    this.#deadlines.close();
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

  /** Candidates for a command, in the order in which they are tried, with why each may not be used now. */
  candidates(
    slot: number,
    call: Pick<Call, 'spec' | 'settings'>,
  ): ReadonlyArray<Candidate<Node> & { refusal: string | undefined }> {
    const policy = call.spec.readOnly ? call.settings.readFrom : 'primary';
    const candidates = this.#table?.candidatesOf(slot, policy, call.spec.name, this.#turn) ?? [];
    return candidates.map((candidate) => ({ ...candidate, refusal: refusalOf(candidate) }));
  }

  #send(call: Call): void {
    try {
      const node = call.pinned ?? this.#choose(call);
      if (node === undefined) {
        this.#waitForTopology(call);
        return;
      }
      call.node = node;
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

  #choose(call: Call): Node | undefined {
    const table = this.#table;
    if (table === undefined) return undefined;
    const { slot, spec, settings } = call;
    if (settings.route !== undefined) return this.#wished(call, table, settings.route);
    if (slot === NO_SLOT) return this.#anyPrimary(table);
    if (!spec.readOnly || settings.readFrom === 'primary') return table.primaryOf(slot);
    this.#turn = (this.#turn + 1) & 0x7fff_ffff;
    return this.reader(table, call);
  }

  /** Who answers a read now. */
  reader(
    table: RouteTable<Node>,
    { slot, spec, settings }: Pick<Call, 'slot' | 'spec' | 'settings'>,
  ): Node | undefined {
    const policy = settings.readFrom;
    if (typeof policy !== 'function') return table.readerOf(slot, policy, this.#turn, isUsable);
    const candidates = table.candidatesOf(slot, policy, spec.name, 0);
    return (candidates.find(isUsable) ?? candidates[0])?.handle;
  }

  #anyPrimary(table: RouteTable<Node>): Node | undefined {
    const primaries = table.primaries();
    return primaries[Math.floor(this.#options.random() * primaries.length)];
  }

  #wished(call: Call, table: RouteTable<Node>, route: string): Node | undefined {
    if (route === 'random') return this.#anyPrimary(table);
    const node = table.topology.nodeAt(route);
    if (node !== undefined) return this.#options.nodes.find(node.address);
    this.#end(call, new InvalidArgumentError(`with().route is '${route}', which is no node of the cluster`));
    return undefined;
  }

  #waitForTopology(call: Call): void {
    if (call.settled) return;
    const { slot, spec } = call;
    const shard = this.#table?.topology.shardOf(slot);
    const reason =
      shard === undefined
        ? new SlotUncoveredError(
            slot === NO_SLOT
              ? `No shard is known to send ${spec.name} to`
              : `No shard serves slot ${slot}, to which ${spec.name} belongs`,
            { retryable: true },
          )
        : new NoUsableNodeError(
            `No node of the shard of slot ${slot} can be used for ${spec.name}: ${this.#explainRefusals(call)}`,
            {
              retryable: true,
            },
          );
    this.#options.requestRefresh('slotUncovered');
    this.#retryLater(call, reason);
  }

  #explainRefusals(call: Call): string {
    const candidates = this.candidates(call.slot, call);
    if (candidates.length === 0) return 'it has none that the read policy allows';
    return candidates.map(({ node, refusal }) => `${node.address} ${refusal ?? 'is well'}`).join(', ');
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
    if (error instanceof AuthRejectedError || error instanceof CredentialsError) {
      this.#end(call, reason);
      return;
    }
    this.#options.requestRefresh('linkLost');
    if (executed === 'no' || call.isRepeatable) this.#retryLater(call, reason);
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
        this.#repeat(call, message);
        return;
      case 'reroute':
        this.#options.requestRefresh('readOnly');
        this.#repeat(call, message);
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

  /** Refused before it was executed: may be sent again. */
  #repeat(call: Call, message: string): void {
    this.#record(call, message.split(' ', 1)[0]!);
    this.#retryLater(
      call,
      new ReplyError(message, { retryable: true, attempts: this.#trouble(call).attempts }),
    );
  }

  #redirected(call: Call, message: string): void {
    const { events, options, nodes } = this.#options;
    const from = call.node!;
    const redirect = parseRedirect(message);
    const trouble = this.#trouble(call);
    this.#record(call, message.split(' ', 1)[0]!);
    if (redirect === undefined || redirect.kind === 'nonsense') {
      const why = redirect === undefined ? 'it cannot be read' : redirect.reason;
      this.#end(
        call,
        new RedirectLimitError(`${from.address} sent ${call.spec.name} elsewhere, but ${why}`, {
          attempts: trouble.attempts,
        }),
      );
      return;
    }
    const host = redirect.host === '' ? from.host : redirect.host;
    const address = formatAddress(host, redirect.port);
    if (++trouble.redirects > options.commands.maxRedirects) {
      this.#end(
        call,
        new RedirectLimitError(
          `${call.spec.name} was sent elsewhere more than commands.maxRedirects (${options.commands.maxRedirects}) times, last by ${from.address} to ${address} for slot ${redirect.slot}`,
          { attempts: trouble.attempts, retryable: true },
        ),
      );
      return;
    }
    events.emit('commandRedirected', () => ({
      command: call.spec.name,
      kind: redirect.kind,
      slot: redirect.slot,
      from: from.address,
      to: address,
    }));
    call.pinned = nodes.node(host, redirect.port, address);
    if (redirect.kind === 'moved') {
      this.counters.moved++;
      call.prelude = undefined;
      this.#options.onMoved(redirect.slot, address);
    } else {
      this.counters.asked++;
      call.prelude = new InternalAttempt(['ASKING']).unheard();
      this.#options.requestRefresh('ask');
    }
    this.#deadlines.add(call);
    if (trouble.redirects <= REDIRECTS_AT_ONCE) this.#send(call);
    else this.#sendAfter(call, this.#backoffMs(trouble.redirects - REDIRECTS_AT_ONCE));
  }

  #retryLater(call: Call, reason: SlotwiseError): void {
    const { events, options } = this.#options;
    if (this.#closed) {
      this.#end(call, new ClientClosedError());
      return;
    }
    const trouble = this.#trouble(call);
    trouble.waitingFor = reason;
    trouble.repetitions++;
    if (trouble.attempts.length >= options.commands.maxAttempts) {
      this.#end(call, reason);
      return;
    }
    call.pinned = undefined;
    call.prelude = undefined;
    const delayMs = this.#backoffMs(trouble.repetitions);
    const last = trouble.attempts.at(-1);
    if (last !== undefined) {
      this.counters.retries++;
      events.emit('commandRetried', () => ({ command: call.spec.name, attempt: last, delayMs }));
    }
    this.#deadlines.add(call);
    this.#sendAfter(call, delayMs);
  }

  #backoffMs(repetitions: number): number {
    return fullJitterMs(repetitions, this.#options.options.retries, this.#options.random);
  }

  #sendAfter(call: Call, delayMs: number): void {
    const trouble = this.#trouble(call);
    trouble.wait = this.#options.clock.schedule(delayMs, () => {
      trouble.wait = undefined;
      if (!call.settled) this.#send(call);
    });
  }

  #watchClosely(call: Call): void {
    const { signal, hasOwnTimeout, timeoutMs } = call.settings;
    const trouble = this.#trouble(call);
    if (signal !== undefined) {
      const abort = (): void => {
        const executed = executedSoFar(call);
        this.#end(
          call,
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
      const timer = this.#options.clock.schedule(timeoutMs, () => this.#expire(call));
      trouble.atEnd.push(() => timer.cancel());
    }
  }

  #expire(call: Call): void {
    if (call.settled) return;
    const { timeoutMs } = call.settings;
    const attempts = call.trouble?.attempts ?? [];
    const waitingFor = call.trouble?.waitingFor;
    const isWaiting = call.trouble?.wait !== undefined;
    if (isWaiting && (waitingFor instanceof SlotUncoveredError || waitingFor instanceof NoUsableNodeError)) {
      this.#end(call, waitingFor);
      return;
    }
    const where =
      isWaiting || call.node === undefined ? 'waiting for another attempt' : `at ${call.node.address}`;
    const cause = waitingFor === undefined ? {} : { cause: waitingFor };
    const last = waitingFor === undefined ? '' : `; before that: ${waitingFor.message}`;
    this.#end(
      call,
      new CommandTimeoutError(
        `${call.spec.name} was not answered within its ${timeoutMs} ms, ${where}${last}`,
        {
          executed: isWaiting ? 'no' : executedSoFar(call),
          attempts,
          retryable: true,
          ...cause,
        },
      ),
    );
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
    const record: AttemptRecord = {
      node: call.node?.address ?? 'none',
      outcome,
      durationMs: this.nowMs() - call.startedAtMs,
    };
    this.#trouble(call).attempts.push(record);
  }

  #trouble(call: Call): Trouble {
    return (call.trouble ??= new Trouble());
  }
}

/** The failure of a link is one for all it carried; this is what it means for one call. */
function linkError(call: Call, executed: Executed, error: Error): SlotwiseError {
  const details = {
    executed,
    cause: error,
    retryable: executed === 'no',
    attempts: call.trouble?.attempts ?? [],
  };
  if (error instanceof ConnectError) return new ConnectError(error.message, details);
  if (error instanceof AuthRejectedError)
    return new AuthRejectedError(error.message, { ...details, retryable: false });
  if (error instanceof CredentialsError) return new CredentialsError(error.message, details);
  const what = executed === 'no' ? 'was not sent' : 'may have been executed';
  return new LinkLostError(`${error.message}; ${call.spec.name} ${what}`, details);
}

/** A call that was encoded leaves with its batch, whatever becomes of it: it may be executed. */
function executedSoFar(call: Call): Executed {
  return call.batch === NOT_BATCHED ? 'no' : 'maybe';
}

function isUsable(candidate: Candidate<Node>): boolean {
  return candidate.node.health === 'online' && candidate.handle.linkState !== 'waiting';
}

function refusalOf({ node, handle }: Candidate<Node>): string | undefined {
  if (node.health !== 'online') return `is ${node.health === 'fail' ? 'down' : 'loading'}, the cluster says`;
  return handle.linkState === 'waiting' ? 'could not be reached just now' : undefined;
}
