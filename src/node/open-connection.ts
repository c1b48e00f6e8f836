import type { Socket } from 'node:net';
import { Redis, type RedisOptions } from 'ioredis';
import { AuthRejectedError } from '../errors/index.js';

/** Shown by CLIENT LIST as `lib-name`, on servers that know CLIENT SETINFO (Redis 7.2, Valkey). */
const LIBRARY_NAME = 'slotwise';

/** The part of a link's options that a connection needs. */
interface ConnectionOptions {
  readonly address: string;
  readonly tls: boolean;
  readonly keepAliveMs: number;
}

/**
 * Gives a socket to an ioredis instance with everything switched off that would hide what happens: no reconnect, no
 * offline queue, no resending, no commands of its own. It emits `ready` when the connection stands, `error` for what
 * goes wrong, and `end` when it is over, once.
 */
export function openConnection(socket: Socket, { tls, keepAliveMs }: ConnectionOptions): Redis {
  const redis = new Redis({
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
    keepAlive: keepAliveMs,
    ...(tls ? { tls: {} } : {}),
    Connector: connectorFor(socket),
  });
  // The outcome is told by events; the promise is only a second messenger.
  redis.connect().catch(() => {});
  return redis;
}

/** Who and what a connection says it is. */
interface Identity {
  readonly address: string;
  readonly credentials: { readonly username?: string; readonly password: string } | undefined;
  readonly clientName: string | undefined;
  readonly readOnly: boolean;
}

/**
 * Authenticates and names the connection, in one write.
 * @throws {@link AuthRejectedError} when the node refuses the credentials; what ioredis throws when the connection ends
 */
export async function signIn(
  redis: Redis,
  { address, credentials, clientName, readOnly }: Identity,
): Promise<void> {
  const replies: Array<Promise<unknown>> = [];
  if (credentials !== undefined) {
    const { username, password } = credentials;
    replies.push(
      redis.call('AUTH', username === undefined ? [password] : [username, password]).catch((error: Error) => {
        throw isRefusal(error)
          ? new AuthRejectedError(`${error.message} (AUTH was refused by ${address})`)
          : error;
      }),
    );
  }
  // Older servers, ACL rules and serverless caches refuse some of these; a link works without them.
  if (clientName !== undefined) replies.push(tolerant(redis.call('CLIENT', ['SETNAME', clientName])));
  replies.push(tolerant(redis.call('CLIENT', ['SETINFO', 'LIB-NAME', LIBRARY_NAME])));
  if (readOnly) replies.push(tolerant(redis.call('READONLY')));
  await Promise.all(replies);
}

function tolerant(reply: Promise<unknown>): Promise<unknown> {
  return reply.catch((error: Error) => {
    if (!isRefusal(error)) throw error;
  });
}

/** ioredis names every error reply so; a lost connection is a plain `Error`. */
function isRefusal(error: Error): boolean {
  return error.name === 'ReplyError';
}

/** Hands a socket that we opened ourselves to ioredis. */
function connectorFor(socket: Socket): NonNullable<RedisOptions['Connector']> {
  class SocketConnector {
    readonly firstError: Error | undefined = undefined;
    connect(): Promise<Socket> {
      return Promise.resolve(socket);
    }
    /** A hung node would never hear a polite goodbye. */
    disconnect(): void {
      socket.destroy();
    }
    check(): boolean {
      return true;
    }
  }
  return SocketConnector as unknown as NonNullable<RedisOptions['Connector']>;
}
