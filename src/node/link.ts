import type { Socket } from 'node:net';
import { Redis, type RedisOptions } from 'ioredis';
import type { Clock, Timer } from '../support/index.js';
import {
  AuthRejectedError,
  ConnectError,
  LinkLostError,
  ReplyError,
  type SlotwiseError,
} from '../errors/index.js';
import { type Attempt, type AttemptCarrier, NOT_BATCHED } from './attempt.js';
import { Batch } from './batch.js';
import { explainConnectFailure } from './connect-failure.js';
import { InternalAttempt } from './internal-attempt.js';

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
  readonly openSocket: () => Socket;
  readonly tls: boolean;
  readonly credentials: LinkCredentials | undefined;
  readonly clientName: string | undefined;
  /** Whether reads of this link may be answered by a replica. */
  readonly readOnly: boolean;
  /** Name resolution, TCP, TLS and handshake together, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Idle time before TCP keep-alive probes begin, in milliseconds. */
  readonly keepAliveMs: number;
  readonly clock: Clock;
  /** The link is open for commands. */
  onReady(): void;
  /** Nothing more can be sent over the link; {@link onClosed} follows soon. May be called more than once. */
  onUnusable(): void;
  /** An attempt has been answered or will not be. */
  onAnswered(): void;
  /** The link is over; every attempt it carried has been told. Called exactly once. */
  onClosed(error: SlotwiseError): void;
}

/** Library name and version that nodes show in CLIENT LIST. Set by CLIENT SETINFO, which Redis knows since 7.2. */
const LIBRARY_NAME = 'slotwise';

/**
 * One multiplexed connection to one node, used once: it opens, carries attempts, closes, and is thrown away.
 *
 * It stands on an ioredis `Redis` with everything switched off that would hide what happened to a command: no
 * reconnect, no offline queue, no resending. What remains of ioredis is the connection's life cycle, its queue of
 * unanswered commands and its decoder.
 */
export class Link implements AttemptCarrier {
  readonly #options: LinkOptions;
  readonly #redis: Redis;
  readonly #batch: Batch;
  readonly #socket: Socket;
  #timer: Timer | undefined;
  #state: 'opening' | 'ready' | 'closed' = 'opening';
  #readOnly = false;
  #phase: 'TCP connection' | 'TLS handshake' | 'sign-in' = 'TCP connection';
  #failure: Error | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#socket = options.openSocket();
    this.#batch = new Batch(this.#socket);
    this.#redis = openRedis(this.#socket, options);
    this.#timer = options.clock.schedule(options.connectTimeoutMs, () => this.close(this.#tooSlow()));
    this.#socket.once('connect', () => {
      this.#phase = options.tls ? 'TLS handshake' : 'sign-in';
    });
    const unusable = (): void => options.onUnusable();
    this.#socket.once('end', unusable).once('error', unusable).once('close', unusable);
    this.#redis.on('error', (error: Error) => {
      this.#failure ??= error;
    });
    this.#redis.once('ready', () => {
      this.#phase = 'sign-in';
      void this.#handshake();
    });
    this.#redis.once('end', () => this.#ended());
    // The outcome is told by the events above; the promise is only a second messenger.
    this.#redis.connect().catch(() => {});
  }

  get state(): 'opening' | 'ready' | 'closed' {
    return this.#state;
  }

  /** Attempts sent and not yet answered. */
  get unanswered(): number {
    return queueOf(this.#redis).length;
  }

  /** The attempt that was sent as the `index`-th oldest of the unanswered ones. */
  unansweredAt(index: number): Attempt | undefined {
    return queueOf(this.#redis).peekAt(index)?.command;
  }

  get sentBytes(): number {
    return this.#batch.flushedBytes;
  }

  /**
   * Sends an attempt. Its outcome is told to the attempt, never before this returns.
   * Throws, and sends nothing, when an argument cannot be encoded.
   */
  send(attempt: Attempt): void {
    if (attempt.prelude !== undefined) this.send(attempt.prelude);
    attempt.carrier = this;
    attempt.batch = NOT_BATCHED;
    (this.#redis as unknown as LeanSender).sendCommand(attempt, this.#batch);
  }

  /** Says whether a replica may answer the reads sent from now on; what was sent before keeps its meaning. */
  setReadOnly(readOnly: boolean): void {
    if (this.#state !== 'ready' || readOnly === this.#readOnly) return;
    this.#readOnly = readOnly;
    new InternalAttempt([readOnly ? 'READONLY' : 'READWRITE']).sendOver(this).catch(() => {
      // A node that cannot switch (cluster mode disabled) answers reads in either mode.
    });
  }

  answered(): void {
    this.#options.onAnswered();
  }

  hasFlushed(batch: number): boolean {
    return batch < this.#batch.number;
  }

  /** Ends the link at once. Attempts it carries are told that it was lost. */
  close(reason?: Error): void {
    if (this.#state === 'closed') return;
    this.#options.onUnusable();
    if (reason !== undefined) this.#failure = reason;
    this.#redis.disconnect();
    // `disconnect` says goodbye first, which a hung node never hears.
    this.#socket.destroy();
  }

  async #handshake(): Promise<void> {
    const { credentials, clientName, readOnly } = this.#options;
    const optional: Array<Promise<unknown>> = [];
    try {
      const required: Array<Promise<unknown>> = [];
      if (credentials !== undefined) {
        const words = credentials.username === undefined ? [] : [credentials.username];
        required.push(new InternalAttempt(['AUTH', ...words, credentials.password]).sendOver(this));
      }
      if (clientName !== undefined)
        optional.push(new InternalAttempt(['CLIENT', 'SETNAME', clientName]).sendOver(this));
      optional.push(new InternalAttempt(['CLIENT', 'SETINFO', 'LIB-NAME', LIBRARY_NAME]).sendOver(this));
      if (readOnly) optional.push(new InternalAttempt(['READONLY']).sendOver(this));
      // Older servers, ACL rules and serverless caches refuse some of these; a link works without them.
      await Promise.all([...required, Promise.all(optional.map(toleratingReplies))]);
    } catch (error) {
      await Promise.allSettled(optional);
      this.close(this.#handshakeFailure(error));
      return;
    }
    if (this.#state !== 'opening') return;
    this.#timer?.cancel();
    this.#readOnly = readOnly;
    this.#state = 'ready';
    this.#options.onReady();
  }

  #tooSlow(): ConnectError {
    const { address, connectTimeoutMs } = this.#options;
    const hint = this.#phase === 'TLS handshake' ? ' (the node may not speak TLS)' : '';
    return new ConnectError(
      `Cannot open a link to ${address}: its ${this.#phase} did not end within links.connectTimeoutMs (${connectTimeoutMs} ms)${hint}`,
      { retryable: true },
    );
  }

  #handshakeFailure(error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error);
    if (/^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password)/.test(message)) {
      return new AuthRejectedError(`${message} (AUTH was refused by ${this.#options.address})`);
    }
    // A lost link is told by the connection itself, which knows the reason best.
    return error instanceof LinkLostError && error.cause instanceof Error ? error.cause : (error as Error);
  }

  #ended(): void {
    const wasOpening = this.#state === 'opening';
    this.#state = 'closed';
    this.#timer?.cancel();
    this.#options.onClosed(
      explainConnectFailure(this.#options.address, this.#options.tls, wasOpening, this.#failure),
    );
  }
}

/** A refusal by the server is no obstacle; everything else means that the link is over. */
function toleratingReplies(reply: Promise<unknown>): Promise<unknown> {
  return reply.catch((error: unknown) => {
    if (!(error instanceof ReplyError)) throw error;
  });
}

/** The parts of ioredis that are not in its type declarations; a contract test fails when they change. */
interface LeanSender {
  sendCommand(attempt: Attempt, stream: Batch): void;
}
interface CommandQueue {
  readonly length: number;
  peekAt(index: number): { readonly command: Attempt } | undefined;
}

function queueOf(redis: Redis): CommandQueue {
  return (redis as unknown as { commandQueue: CommandQueue }).commandQueue;
}

function openRedis(socket: Socket, options: LinkOptions): Redis {
  return new Redis({
    lazyConnect: true,
    protocol: 2,
    retryStrategy: () => null,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: null,
    connectTimeout: 0,
    keepAlive: options.keepAliveMs,
    ...(options.tls ? { tls: {} } : {}),
    Connector: connectorFor(socket),
  });
}

/** Hands a socket that we opened ourselves to ioredis. */
function connectorFor(socket: Socket): NonNullable<RedisOptions['Connector']> {
  class SocketConnector {
    readonly firstError: Error | undefined = undefined;
    connect(): Promise<Socket> {
      return Promise.resolve(socket);
    }
    disconnect(): void {
      socket.destroy();
    }
    check(): boolean {
      return true;
    }
  }
  return SocketConnector as never;
}
