import { Queue, type Clock, type Random } from '../support/index.js';
import {
  AuthRejectedError,
  ConnectError,
  CredentialsError,
  LinkLostError,
  QueueFullError,
  SlotwiseError,
} from '../errors/index.js';
import { fullJitterMs } from '../resilience/index.js';
import { askCredentials } from './ask-credentials.js';
import type { Attempt } from './attempt.js';
import { type BreakerSettings, type BreakerState, type BreakerWindows, NodeBreaker } from './breaker.js';
import { InternalAttempt } from './internal-attempt.js';
import { Link, type LinkCredentials } from './link.js';
import { Liveness, type LivenessSettings } from './liveness.js';
import type { LinkSocket } from './open-socket.js';
import { Probe } from './probe.js';

/** What a node is reached with, shared by all nodes of one client. */
export interface NodeSettings extends LivenessSettings {
  readonly tls: boolean;
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly maxInFlight: number;
  readonly maxQueued: number;
  readonly reconnectBaseMs: number;
  readonly reconnectMaxMs: number;
  readonly breaker: BreakerSettings;
  readonly windows: BreakerWindows;
  readonly clientName: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Asked anew for every link, so that rotated credentials are used. */
  readonly getCredentials: (() => Promise<LinkCredentials>) | undefined;
  /** @param ip - dialled instead of what the name resolves to */
  openSocket(host: string, port: number, ip: string | undefined): LinkSocket;
  onLinkOpened?(node: Node): void;
  onLinkClosed?(node: Node, error: SlotwiseError, wasOpen: boolean): void;
  /** The node has begun or ceased to be usable; `node.condition` says why. */
  onCondition?(node: Node): void;
  onCircuit?(node: Node, state: BreakerState): void;
}

/** Where the way to a node stands. */
export type LinkState = 'idle' | 'opening' | 'ready' | 'waiting' | 'closed';

/**
 * Whether a node can be used now, as we see it ourselves:
 * - `'well'`: as far as is known;
 * - `'suspect'`: an answer is overdue;
 * - `'unready'`: it said a moment ago that it cannot serve reads (LOADING, MASTERDOWN, BUSY);
 * - `'down'`: it cannot be reached, or hung; its breaker is open, or half open;
 * - `'closed'`: we have parted from it.
 */
export type NodeCondition = 'well' | 'suspect' | 'unready' | 'down' | 'closed';

/** How long a node that said it cannot serve reads is passed over, in milliseconds. */
const UNREADY_MS = 250;
/** Least time between two probes of a silent node, in milliseconds. */
const PROBE_GAP_MS = 1_000;

/**
 * One cluster member as this client reaches it: one link at a time, opened when first needed, opened anew after a
 * loss; two bounds: how many attempts may be unanswered, and how many may wait for their turn; a judgement of its
 * silence, and a circuit breaker.
 */
export class Node {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** Whether commands may be sent to it now. A field, because the hot path asks for every command. */
  isUsable = true;
  /** Whether reads may: not while it says that it is loading, for example. */
  servesReads = true;
  /** Too far behind its primary, as the lag guard measured: reads are sent to others while there are any. */
  isLagging = false;
  readonly #settings: NodeSettings;
  readonly #ip: string | undefined;
  readonly #queue: Queue<Attempt>;
  readonly #breaker: NodeBreaker;
  readonly #liveness: Liveness;
  /** The link that is open for commands; kept apart from `#link` so that the hot path tests one field. */
  #ready: Link | undefined;
  #link: Link | undefined;
  #linksBegun = 0;
  #failuresInRow = 0;
  #opening = false;
  #closeReason: SlotwiseError | undefined;
  #whyDown: SlotwiseError | undefined;
  #readOnly = false;
  #sent = 0;
  #drained: (() => void) | undefined;
  #ended: (() => void) | undefined;
  #probe: Probe | undefined;
  #probedAtMs = Number.NEGATIVE_INFINITY;
  #answersElsewhere = false;
  /** Since when it has been silent as a primary that is none any more. */
  #demotedAtMs: number | undefined;
  #pingedAt = -1;

  /** @param ip - the address to dial, for a name that has several */
  constructor(host: string, port: number, address: string, settings: NodeSettings, ip?: string) {
    this.host = host;
    this.port = port;
    this.address = address;
    this.#ip = ip;
    this.#settings = settings;
    this.#queue = new Queue(settings.maxQueued);
    this.#liveness = new Liveness(settings);
    this.#breaker = new NodeBreaker({
      ...settings.breaker,
      address,
      windows: settings.windows,
      restMs: () => this.#restMs(),
      onChange: (state) => this.#circuitChanged(state),
    });
  }

  /** Attempts sent and not yet answered. */
  get inFlight(): number {
    return this.#ready?.unanswered ?? 0;
  }

  /** Attempts waiting for a link or for their turn. */
  get queued(): number {
    return this.#queue.size;
  }

  /** Attempts sent since the node is known. */
  get sent(): number {
    return this.#sent;
  }

  get link(): Link | undefined {
    return this.#link;
  }

  get linkState(): LinkState {
    if (this.#closeReason !== undefined) return 'closed';
    if (this.#ready !== undefined) return 'ready';
    if (this.#opening) return 'opening';
    return this.#breaker.state === 'closed' ? 'idle' : 'waiting';
  }

  get circuit(): BreakerState {
    return this.#breaker.state;
  }

  get condition(): NodeCondition {
    if (this.#closeReason !== undefined) return 'closed';
    if (this.#breaker.state !== 'closed') return 'down';
    if (this.#liveness.sign !== 'well') return 'suspect';
    return this.servesReads ? 'well' : 'unready';
  }

  /** Why the node is down: the failure that opened its breaker. */
  get whyDown(): SlotwiseError | undefined {
    return this.#whyDown;
  }

  /** The attempt that has waited as the `index`-th longest. */
  waitingAt(index: number): Attempt | undefined {
    return this.#queue.at(index);
  }

  /**
   * Sends an attempt as soon as the bounds allow. Its outcome is always told to the attempt.
   * Throws, and does nothing, when an argument cannot be encoded.
   */
  send(attempt: Attempt): void {
    const link = this.#ready;
    if (link !== undefined && link.unanswered < this.#settings.maxInFlight && this.#queue.size === 0) {
      link.send(attempt);
      this.#sent++;
    } else {
      this.#enqueue(attempt);
    }
  }

  /** Says whether this node may answer reads as a replica. */
  setReadOnly(readOnly: boolean): void {
    if (readOnly === this.#readOnly) return;
    this.#readOnly = readOnly;
    // A primary is behind nobody.
    if (!readOnly) this.isLagging = false;
    const changed = new LinkLostError(`${this.address} has changed its role`, { retryable: true });
    // Silent because it hangs, or because it holds writes back while it hands over: then it answers in a moment.
    if (readOnly && this.#liveness.sign !== 'well') this.#demotedAtMs = this.#settings.clock.nowMs();
    this.#ready?.setReadOnly(readOnly);
    // What waits was meant for a node with the other role.
    this.returnQueue(changed);
  }

  /** Tells everything that waits that nothing was sent, and why, so that it can go elsewhere. */
  returnQueue(reason: SlotwiseError): void {
    for (const attempt of this.#queue.drain()) {
      if (!attempt.settled) attempt.failed({ kind: 'link', executed: 'no', error: reason });
    }
    this.#tellDrained();
  }

  /** The node said that it cannot serve reads: they go elsewhere for a moment. */
  rest(): void {
    if (!this.servesReads || this.#closeReason !== undefined) return;
    this.servesReads = false;
    this.#settings.clock.schedule(UNREADY_MS, () => {
      this.servesReads = true;
      if (this.#closeReason === undefined) this.#settings.onCondition?.(this);
    });
  }

  /** Ends the link, so that the next one signs in anew; what it carries is told that it was lost. */
  reopen(reason: SlotwiseError): void {
    this.#ready?.close(reason);
  }

  /** Opens the link if there is none, without sending anything. */
  open(): void {
    if (this.#closeReason !== undefined || this.#link !== undefined || this.#opening) return;
    void this.#open();
  }

  /**
   * Judges the node by its silence. To be called every few milliseconds while anything is due.
   * @param missedMs - how much later than planned this look comes
   * @returns whether anything is due
   */
  look(nowMs: number, missedMs: number): boolean {
    const link = this.#link;
    const isDue = this.#opening || (link !== undefined && link.unanswered > 0);
    const before = this.#liveness.sign;
    if (!isDue && before === 'well') {
      this.#liveness.look(false, 0, nowMs);
      return this.#queue.size > 0;
    }
    if (missedMs > 0) this.#liveness.pardon(missedMs);
    const progress = this.#linksBegun * 2 ** 32 + (link?.progress ?? 0);
    const sign = this.#liveness.look(isDue, progress, nowMs);
    if (sign === 'well') {
      if (before !== 'well') this.#recovered();
    } else if (before === 'well') {
      this.#suspected();
    }
    if (sign !== 'well' && !this.#opening) this.#judgeSilence(nowMs);
    return true;
  }

  /** Sends a PING when nothing has been heard since the last call: a node that hangs while idle is noticed by it. */
  ping(): void {
    const link = this.#ready;
    if (link === undefined || link.unanswered > 0) return;
    if (link.progress !== this.#pingedAt) {
      this.#pingedAt = link.progress;
      return;
    }
    // Its answer is progress of one piece, which is not to be taken for traffic the next time.
    this.#pingedAt = link.progress + 1;
    link.send(new InternalAttempt(['PING']).unheard());
  }

  /** Resolves when nothing is queued or in flight any more. */
  drained(): Promise<void> {
    if (this.#isDrained()) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.#drained;
      this.#drained = () => {
        before?.();
        resolve();
      };
    });
  }

  /**
   * Ends the node for good. What waits, and what is sent to it from now on, is told that nothing was sent, and why;
   * what is in flight, that the link was lost.
   */
  close(reason: SlotwiseError): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.isUsable = false;
    this.#breaker.close();
    this.#probe?.close();
    this.#link?.close(reason);
    this.returnQueue(reason);
  }

  /** Resolves when the node's link is gone. To be called once, after {@link close}. */
  ended(): Promise<void> {
    if (this.#link === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#ended = resolve;
    });
  }

  #enqueue(attempt: Attempt): void {
    const reason = this.#closeReason ?? (this.#breaker.state === 'closed' ? undefined : this.#whyDown);
    if (reason !== undefined) {
      attempt.failed({ kind: 'link', executed: 'no', error: reason });
      return;
    }
    if (this.#queue.size >= this.#queue.bound) this.#forgetSettled();
    if (!this.#queue.push(attempt)) {
      attempt.failed({
        kind: 'refused',
        error: new QueueFullError(
          `The queue of ${this.address} is full: commands.maxQueuedPerNode (${this.#queue.bound}) are waiting for ${this.linkState === 'ready' ? 'their turn' : 'a link'}`,
          { retryable: true },
        ),
      });
      return;
    }
    this.open();
  }

  /** Calls that were given up while they waited must not keep others out. */
  #forgetSettled(): void {
    for (const attempt of this.#queue.drain()) {
      if (!attempt.settled) this.#queue.push(attempt);
    }
  }

  async #open(): Promise<void> {
    this.#opening = true;
    this.#linksBegun++;
    this.#breaker.nextGeneration();
    const { getCredentials, clock, connectTimeoutMs } = this.#settings;
    try {
      const credentials = await askCredentials(getCredentials, this.address, clock, connectTimeoutMs);
      if (this.#closeReason === undefined) this.#link = this.#newLink(credentials);
    } catch (cause) {
      this.#lost(this.#whyNotOpened(cause), false);
    }
  }

  /** A provider of credentials, a `lookup` or an `addressMap` of the caller's may have thrown. */
  #whyNotOpened(cause: unknown): SlotwiseError {
    if (cause instanceof SlotwiseError) return cause;
    const message = cause instanceof Error ? cause.message : 'something that is no Error was thrown';
    return new ConnectError(`No link to ${this.address} could be begun: ${message}`, { cause });
  }

  #newLink(credentials: LinkCredentials | undefined): Link {
    const link: Link = this.#linkWith(credentials, {
      onReady: () => {
        this.#opening = false;
        this.#ready = link;
        link.setReadOnly(this.#readOnly);
        this.#settings.onLinkOpened?.(this);
        if (this.#breaker.state === 'halfOpen') link.send(new InternalAttempt(['PING']).unheard());
        else this.#pump();
      },
      onUnusable: () => {
        if (this.#ready === link) this.#ready = undefined;
      },
      onFlushed: () => this.#breaker.fire(),
      onAnswered: () => this.#answered(),
      onClosed: (error) => {
        const wasOpen = !this.#opening;
        if (this.#link === link) {
          this.#link = undefined;
          this.#ready = undefined;
        }
        this.#lost(error, wasOpen);
      },
    });
    return link;
  }

  #linkWith(
    credentials: LinkCredentials | undefined,
    handlers: Pick<
      ConstructorParameters<typeof Link>[0],
      'onReady' | 'onUnusable' | 'onFlushed' | 'onAnswered' | 'onClosed'
    >,
  ): Link {
    const { tls, clientName, connectTimeoutMs, keepAliveMs, clock } = this.#settings;
    return new Link({
      address: this.address,
      openSocket: () => this.#settings.openSocket(this.host, this.port, this.#ip),
      tls,
      credentials,
      clientName,
      readOnly: this.#readOnly,
      connectTimeoutMs,
      keepAliveMs,
      clock,
      ...handlers,
    });
  }

  #answered(): void {
    if (this.#queue.size > 0) this.#pump();
    else if (this.#drained !== undefined && this.#isDrained()) this.#tellDrained();
  }

  #pump(): void {
    const link = this.#ready;
    if (link === undefined) return;
    while (link.unanswered < this.#settings.maxInFlight) {
      const attempt = this.#queue.shift();
      if (attempt === undefined) break;
      if (attempt.settled) continue;
      try {
        link.send(attempt);
        this.#sent++;
      } catch (error) {
        attempt.failed({ kind: 'refused', error: error as Error });
      }
    }
    if (this.#drained !== undefined && this.#isDrained()) this.#tellDrained();
  }

  #isDrained(): boolean {
    return this.#queue.size === 0 && this.inFlight === 0;
  }

  #lost(error: SlotwiseError, wasOpen: boolean): void {
    this.#opening = false;
    this.#settings.onLinkClosed?.(this, error, wasOpen);
    if (this.#closeReason !== undefined) {
      this.#tellDrained();
      this.#ended?.();
      return;
    }
    // A link that cannot be opened says more than any share of batches: nobody is there, or we are not let in. One that
    // is lost while it is probed is another failure in a row: the next rest is drawn anew, and longer.
    if (!wasOpen || this.#breaker.state === 'halfOpen') this.#trip(error);
    this.returnQueue(error);
  }

  #trip(reason: SlotwiseError): void {
    this.#failuresInRow++;
    this.#whyDown = reason;
    this.#breaker.trip();
  }

  #restMs(): number {
    const { reconnectBaseMs, reconnectMaxMs, random } = this.#settings;
    return fullJitterMs(this.#failuresInRow, { baseMs: reconnectBaseMs, maxMs: reconnectMaxMs }, random);
  }

  #circuitChanged(state: BreakerState): void {
    if (this.#closeReason !== undefined) return;
    if (state === 'closed') {
      this.#failuresInRow = 0;
      this.#whyDown = undefined;
    } else {
      this.#whyDown ??= new LinkLostError(`Too many batches for ${this.address} were lost`, {
        retryable: true,
      });
    }
    this.#settings.onCircuit?.(this, state);
    this.#update();
    if (state === 'halfOpen') this.#probeHalfOpen();
  }

  /** One batch decides: over a new link, or over the one there is. */
  #probeHalfOpen(): void {
    if (this.#ready === undefined) this.open();
    else this.#ready.send(new InternalAttempt(['PING']).unheard());
  }

  #suspected(): void {
    this.#answersElsewhere = false;
    this.#update();
    this.returnQueue(new LinkLostError(`${this.address} does not answer`, { retryable: true }));
  }

  #recovered(): void {
    this.#demotedAtMs = undefined;
    this.#probe?.close();
    this.#probe = undefined;
    this.#update();
    this.#pump();
  }

  #judgeSilence(nowMs: number): void {
    const { dropAfterMs, hungAfterMs } = this.#settings;
    const silenceMs = this.#liveness.silenceMs(nowMs);
    if (this.#demotedAtMs !== undefined && nowMs - this.#demotedAtMs >= hungAfterMs) {
      // It will not answer any more what it was asked as a primary; whoever may ask again should.
      this.#giveUp(
        new LinkLostError(`${this.address} was demoted while it did not answer`, { retryable: true }),
      );
    } else if (silenceMs >= dropAfterMs) {
      const where = this.#answersElsewhere ? 'on this link, though it does on another' : 'at all';
      this.#giveUp(
        new LinkLostError(`${this.address} has not answered ${where} for ${Math.round(silenceMs)} ms`, {
          retryable: true,
        }),
      );
    } else if (this.#probe === undefined && nowMs - this.#probedAtMs >= PROBE_GAP_MS) {
      this.#probedAtMs = nowMs;
      void this.#startProbe();
    }
  }

  async #startProbe(): Promise<void> {
    const { getCredentials, clock, connectTimeoutMs } = this.#settings;
    let credentials: LinkCredentials | undefined;
    try {
      credentials = await askCredentials(getCredentials, this.address, clock, connectTimeoutMs);
    } catch {
      // Without credentials nothing is learned of the node; its silence goes on to be judged.
      return;
    }
    if (this.#closeReason !== undefined || this.#liveness.sign === 'well') return;
    this.#probe = new Probe(
      (onReady, onClosed) =>
        this.#linkWith(credentials, {
          onReady,
          onUnusable: () => {},
          onFlushed: () => ({ answered: () => {}, lost: () => {} }),
          onAnswered: () => {},
          onClosed,
        }),
      (result) => {
        this.#probe = undefined;
        this.#answersElsewhere = result === 'answers';
        if (result === 'busy') this.#liveness.excuse(clock.nowMs());
      },
    );
  }

  /** Nothing is expected of the link any more. Without one, there is none to lose: the opening has its own end. */
  #giveUp(reason: SlotwiseError): void {
    this.#demotedAtMs = undefined;
    this.#probe?.close();
    this.#probe = undefined;
    if (this.#link === undefined) return;
    this.#trip(reason);
    this.#link.close(reason);
  }

  #update(): void {
    const isUsable =
      this.#closeReason === undefined && this.#breaker.state === 'closed' && this.#liveness.sign === 'well';
    if (isUsable === this.isUsable) return;
    this.isUsable = isUsable;
    this.#settings.onCondition?.(this);
  }

  #tellDrained(): void {
    const tell = this.#drained;
    this.#drained = undefined;
    tell?.();
  }
}

/** Whether a node is down because it refuses us: asking again would be refused again, and may lock the user out. */
export function isRefusal(error: SlotwiseError | undefined): boolean {
  return error instanceof AuthRejectedError || error instanceof CredentialsError;
}
