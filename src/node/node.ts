import { Queue, type Clock, type Random, type Timer } from '../support/index.js';
import {
  ConnectError,
  CredentialsError,
  LinkLostError,
  QueueFullError,
  SlotwiseError,
} from '../errors/index.js';
import { fullJitterMs } from '../resilience/index.js';
import type { Attempt } from './attempt.js';
import { Link, type LinkCredentials } from './link.js';
import type { LinkSocket } from './open-socket.js';

/** What a node is reached with, shared by all nodes of one client. */
export interface NodeSettings {
  readonly tls: boolean;
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly maxInFlight: number;
  readonly maxQueued: number;
  readonly reconnectBaseMs: number;
  readonly reconnectMaxMs: number;
  readonly clientName: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Asked anew for every link, so that rotated credentials are used. */
  readonly getCredentials: (() => Promise<LinkCredentials>) | undefined;
  openSocket(host: string, port: number): LinkSocket;
  onLinkOpened?(node: Node): void;
  onLinkClosed?(node: Node, error: SlotwiseError, wasOpen: boolean): void;
}

/** Where the way to a node stands. */
export type LinkState = 'idle' | 'opening' | 'ready' | 'waiting' | 'closed';

/**
 * One cluster member as this client reaches it: one link at a time, opened when first needed, opened anew after a
 * loss, and two bounds: how many attempts may be unanswered, and how many may wait for their turn.
 */
export class Node {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly #settings: NodeSettings;
  readonly #queue: Queue<Attempt>;
  /** The link that is open for commands; kept apart from `#link` so that the hot path tests one field. */
  #ready: Link | undefined;
  #link: Link | undefined;
  #reconnect: Timer | undefined;
  #failuresInRow = 0;
  #opening = false;
  #closeReason: SlotwiseError | undefined;
  #readOnly = false;
  #sent = 0;
  #drained: (() => void) | undefined;

  constructor(host: string, port: number, address: string, settings: NodeSettings) {
    this.host = host;
    this.port = port;
    this.address = address;
    this.#settings = settings;
    this.#queue = new Queue(settings.maxQueued);
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
    return this.#reconnect === undefined ? 'idle' : 'waiting';
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
    this.#ready?.setReadOnly(readOnly);
    // What waits was meant for a node with the other role.
    this.returnQueue(new LinkLostError(`${this.address} has changed its role`, { retryable: true }));
  }

  /** Tells everything that waits that nothing was sent, and why, so that it can go elsewhere. */
  returnQueue(reason: SlotwiseError): void {
    this.#failQueue(reason);
  }

  /** Opens the link if there is none, without sending anything. */
  open(): void {
    if (
      this.#closeReason !== undefined ||
      this.#link !== undefined ||
      this.#opening ||
      this.#reconnect !== undefined
    )
      return;
    void this.#open();
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
    this.#reconnect?.cancel();
    this.#reconnect = undefined;
    this.#link?.close(reason);
    this.#failQueue(reason);
  }

  #enqueue(attempt: Attempt): void {
    if (this.#closeReason !== undefined) {
      attempt.failed({ kind: 'link', executed: 'no', error: this.#closeReason });
      return;
    }
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

  async #open(): Promise<void> {
    this.#opening = true;
    try {
      const credentials = await this.#askCredentials();
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
    const settings = this.#settings;
    const link: Link = new Link({
      address: this.address,
      openSocket: () => settings.openSocket(this.host, this.port),
      tls: settings.tls,
      credentials,
      clientName: settings.clientName,
      readOnly: this.#readOnly,
      connectTimeoutMs: settings.connectTimeoutMs,
      keepAliveMs: settings.keepAliveMs,
      clock: settings.clock,
      onReady: () => {
        this.#opening = false;
        this.#failuresInRow = 0;
        this.#ready = link;
        link.setReadOnly(this.#readOnly);
        settings.onLinkOpened?.(this);
        this.#pump();
      },
      onUnusable: () => {
        if (this.#ready === link) this.#ready = undefined;
      },
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

  /** A provider that never answers is one that failed: what waits for the link must hear of it. */
  async #askCredentials(): Promise<LinkCredentials | undefined> {
    const { getCredentials, clock, connectTimeoutMs } = this.#settings;
    if (getCredentials === undefined) return undefined;
    return new Promise((resolve, reject) => {
      const timer = clock.schedule(connectTimeoutMs, () => {
        reject(
          new CredentialsError(
            `The credentials provider did not answer within links.connectTimeoutMs (${connectTimeoutMs} ms)`,
          ),
        );
      });
      getCredentials()
        .then(resolve, (cause: unknown) => {
          const why = `The credentials provider failed before a link to ${this.address} could be opened`;
          reject(cause instanceof SlotwiseError ? cause : new CredentialsError(why, { cause }));
        })
        .finally(() => timer.cancel());
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
      return;
    }
    this.#failuresInRow++;
    this.#failQueue(error);
    const delayMs = fullJitterMs(
      this.#failuresInRow,
      { baseMs: this.#settings.reconnectBaseMs, maxMs: this.#settings.reconnectMaxMs },
      this.#settings.random,
    );
    // Opened again only if somebody still wants the node by then.
    this.#reconnect = this.#settings.clock.schedule(delayMs, () => {
      this.#reconnect = undefined;
      if (this.#queue.size > 0) this.open();
    });
  }

  #failQueue(error: SlotwiseError): void {
    for (const attempt of this.#queue.drain()) {
      if (!attempt.settled) attempt.failed({ kind: 'link', executed: 'no', error });
    }
    this.#tellDrained();
  }

  #tellDrained(): void {
    const tell = this.#drained;
    this.#drained = undefined;
    tell?.();
  }
}
