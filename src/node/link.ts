import type { Socket } from 'node:net';
import type { Redis } from 'ioredis';
import { AuthRejectedError, ConnectError, type SlotwiseError } from '../errors/index.js';
import { type Clock, Queue, type Timer } from '../support/index.js';
import { type Attempt, type AttemptCarrier, NOT_BATCHED } from './attempt.js';
import { Batch } from './batch.js';
import { explainLinkFailure } from './link-failure.js';
import { InternalAttempt } from './internal-attempt.js';
import { openConnection, signIn } from './open-connection.js';
import type { BatchVerdict } from './breaker.js';
import { ProtocolError, ReplyDecoder, type ReplyTarget } from './reply-decoder.js';
import type { LinkSocket } from './open-socket.js';

/** Who a link says it is. */
export interface LinkCredentials {
  readonly username?: string;
  readonly password: string;
}

/** What a link is opened with. */
export interface LinkOptions {
  /** `host:port`, for messages only. */
  readonly address: string;
  /** Opens the socket; called once. */
  readonly openSocket: () => LinkSocket;
  readonly tls: boolean;
  readonly credentials: LinkCredentials | undefined;
  readonly clientName: string | undefined;
  /** Whether reads of this link may be answered by a replica. */
  readonly readOnly: boolean;
  /** Name resolution, TCP, TLS and sign-in together, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Idle time before TCP keep-alive probes begin, in milliseconds. */
  readonly keepAliveMs: number;
  readonly clock: Clock;
  /** The link is open for commands. */
  onReady(): void;
  /** Nothing more can be sent over the link; {@link onClosed} follows soon. May be called more than once. */
  onUnusable(): void;
  /** A batch has been handed to the socket. */
  onFlushed(): BatchVerdict;
  /** Replies have come, so there is room for more attempts. */
  onAnswered(): void;
  /** The link is over; every attempt it carried has been told. Called exactly once. */
  onClosed(error: SlotwiseError): void;
}

const LF = 10;

interface FlushedBatch {
  readonly attempts: number;
  readonly verdict: BatchVerdict;
}

/**
 * One multiplexed connection to one node, used once: it opens, carries attempts, closes, and is thrown away.
 *
 * ioredis opens the connection, signs in, and tells when it is over. In between the link carries attempts itself: they
 * leave in batches, and replies are decoded straight to what the caller wants and matched in order.
 */
export class Link implements AttemptCarrier, ReplyTarget {
  readonly #options: LinkOptions;
  readonly #redis: Redis;
  readonly #connection: LinkSocket;
  readonly #socket: Socket;
  readonly #batch: Batch;
  readonly #unanswered: Queue<Attempt> = new Queue<Attempt>();
  /** Batches handed to the socket whose last reply has not come, the first one's left count apart. */
  readonly #batches: Queue<FlushedBatch> = new Queue<FlushedBatch>();
  /** Replies that are still to come for the oldest of them. */
  #leftInBatch = 0;
  /** Attempts of the batch that is being gathered. */
  #gathered = 0;
  /** Those of them that have been given up. */
  #withdrawn: Set<Attempt> | undefined;
  #progress = 0;
  #state: 'opening' | 'ready' | 'closed' = 'opening';
  #phase: 'TCP connection' | 'TLS handshake' | 'sign-in' = 'TCP connection';
  #timer: Timer | undefined;
  #readOnly: boolean;
  #failure: Error | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#readOnly = options.readOnly;
    this.#connection = options.openSocket();
    this.#socket = this.#connection.socket;
    this.#batch = new Batch(this.#socket, () => this.#flush());
    this.#socket.once('connect', () => {
      this.#phase = options.tls ? 'TLS handshake' : 'sign-in';
    });
    const unusable = (): void => options.onUnusable();
    // An `error` that nobody listens to ends the process, and a socket can have more than one.
    this.#socket.once('end', unusable).on('error', unusable).once('close', unusable);
    this.#timer = options.clock.schedule(options.connectTimeoutMs, () => this.close(this.#tooSlow()));
    this.#redis = openConnection(this.#socket, options);
    this.#redis.on('error', (error: Error) => {
      this.#failure ??= error;
    });
    this.#redis.once('ready', () => void this.#signIn());
    this.#redis.once('end', () => this.#ended());
  }

  get state(): 'opening' | 'ready' | 'closed' {
    return this.#state;
  }

  /** Attempts sent and not yet answered. */
  get unanswered(): number {
    return this.#unanswered.size;
  }

  /** The attempt that was sent as the `index`-th oldest of the unanswered ones. */
  unansweredAt(index: number): Attempt | undefined {
    return this.#unanswered.at(index);
  }

  /** Grows with every piece of data that arrives. */
  get progress(): number {
    return this.#progress;
  }

  /** Bytes handed to the socket so far. */
  get sentBytes(): number {
    return this.#batch.flushedBytes;
  }

  /**
   * Sends an attempt; the link must be ready. Its outcome is told to the attempt, never before this returns.
   * Throws, and sends nothing, when an argument cannot be encoded.
   */
  send(attempt: Attempt): void {
    // Given up and taken up again in the same turn: it must leave once.
    if (this.#withdrawn?.has(attempt) === true) this.#leaveOut(this.#withdrawn);
    if (attempt.prelude !== undefined) this.send(attempt.prelude);
    attempt.carrier = this;
    attempt.batch = NOT_BATCHED;
    this.#batch.add(attempt);
    this.#unanswered.push(attempt);
    this.#gathered++;
  }

  withdraw(attempt: Attempt): boolean {
    if (attempt.carrier !== this || attempt.batch !== this.#batch.number) return false;
    (this.#withdrawn ??= new Set()).add(attempt);
    return true;
  }

  /** Says whether a replica may answer the reads sent from now on; what was sent before keeps its meaning. */
  setReadOnly(readOnly: boolean): void {
    if (this.#state !== 'ready' || readOnly === this.#readOnly) return;
    this.#readOnly = readOnly;
    // A node that cannot switch (cluster mode disabled) answers reads in either mode.
    this.send(new InternalAttempt([readOnly ? 'READONLY' : 'READWRITE']).unheard());
  }

  hasFlushed(batch: number): boolean {
    return batch < this.#batch.number;
  }

  /** Ends the link at once. Attempts it carries are told that it was lost. */
  close(reason?: Error): void {
    if (this.#state === 'closed') return;
    if (reason !== undefined) this.#failure = reason;
    this.#options.onUnusable();
    this.#redis.disconnect();
  }

  /** The decoder asks: how is the next reply wanted? */
  wantsText(): boolean {
    return this.#unanswered.at(0)?.wantsText ?? true;
  }

  /** The decoder has a reply. */
  reply(value: unknown): void {
    const attempt = this.#next();
    if (!attempt.settled && attempt.carrier === this) attempt.succeeded(value);
  }

  /** The decoder has an error reply. */
  error(message: string): void {
    const attempt = this.#next();
    if (!attempt.settled && attempt.carrier === this) attempt.failed({ kind: 'reply', message });
  }

  #next(): Attempt {
    const attempt = this.#unanswered.shift();
    if (attempt === undefined) {
      throw new ProtocolError('a reply came that nobody had asked for');
    }
    if (--this.#leftInBatch === 0) this.#batchAnswered();
    return attempt;
  }

  #batchAnswered(): void {
    this.#batches.shift()!.verdict.answered();
    this.#leftInBatch = this.#batches.at(0)?.attempts ?? 0;
  }

  #flush(): void {
    if (this.#withdrawn !== undefined) this.#leaveOut(this.#withdrawn);
    const attempts = this.#gathered;
    if (!this.#batch.flush()) return;
    this.#gathered = 0;
    this.#batches.push({ attempts, verdict: this.#options.onFlushed() });
    if (this.#batches.size === 1) this.#leftInBatch = attempts;
  }

  /** Nothing is sent after its call has ended. An ASKING goes with what it was for, or it would be for the next. */
  #leaveOut(withdrawn: ReadonlySet<Attempt>): void {
    this.#withdrawn = undefined;
    const gathered = this.#unanswered.takeNewest(this.#gathered);
    const kept = gathered.filter((attempt, i) => {
      const next = gathered[i + 1];
      const isPreludeOfNext = next !== undefined && next.prelude === attempt && withdrawn.has(next);
      return !isPreludeOfNext && !withdrawn.has(attempt);
    });
    this.#batch.replace(kept);
    this.#gathered = kept.length;
    for (const attempt of kept) this.#unanswered.push(attempt);
    if (kept.length < gathered.length) this.#options.onAnswered();
  }

  async #signIn(): Promise<void> {
    this.#phase = 'sign-in';
    try {
      await signIn(this.#redis, this.#options);
    } catch (error) {
      this.close(error instanceof AuthRejectedError ? error : undefined);
      return;
    }
    if (this.#state !== 'opening' || this.#socket.destroyed) return;
    this.#timer?.cancel();
    this.#takeOver();
    this.#state = 'ready';
    this.#options.onReady();
  }

  /** From here on, replies are ours: ioredis has nothing unanswered, and hears only of the connection's end. */
  #takeOver(): void {
    const decoder = new ReplyDecoder(this);
    this.#connection.takeOver((chunk) => {
      // ioredis takes a line for complete at its CR: the LF of the last reply to the sign-in may come after it.
      const begin = this.#progress++ === 0 && chunk[0] === LF ? 1 : 0;
      try {
        decoder.write(begin === 0 ? chunk : chunk.subarray(begin));
      } catch (error) {
        this.close(error as Error);
        return;
      }
      this.#options.onAnswered();
    });
  }

  #tooSlow(): ConnectError {
    const { address, connectTimeoutMs } = this.#options;
    const hint = this.#phase === 'TLS handshake' ? ' (the node may not speak TLS)' : '';
    return new ConnectError(
      `Cannot open a link to ${address}: its ${this.#phase} did not end within links.connectTimeoutMs (${connectTimeoutMs} ms)${hint}`,
      { retryable: true },
    );
  }

  #ended(): void {
    const wasOpening = this.#state === 'opening';
    this.#state = 'closed';
    this.#timer?.cancel();
    const { address, tls } = this.#options;
    const error = explainLinkFailure(address, tls, wasOpening, this.#failure);
    for (const { verdict } of this.#batches.drain()) verdict.lost(error);
    for (const attempt of this.#unanswered.drain()) {
      if (attempt.settled || attempt.carrier !== this) continue;
      attempt.failed({ kind: 'link', executed: this.hasFlushed(attempt.batch) ? 'maybe' : 'no', error });
    }
    this.#options.onClosed(error);
  }
}
