import {
  connect as connectTcp,
  isIP,
  type LookupFunction,
  type Socket,
  type TcpSocketConnectOpts,
} from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

/** Where and how a socket is opened. */
export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  /** Undefined: plain TCP. */
  readonly tls: ConnectionOptions | undefined;
  /** Replaces the system's name resolution. Called with a host name for every new socket, never with an address. */
  readonly lookup: LookupFunction | undefined;
}

/** A socket whose reader can be replaced. */
export interface LinkSocket {
  readonly socket: Socket;
  /**
   * From now on, what arrives goes to `read` and is no longer emitted as `'data'`. The chunk is valid only until
   * `read` returns: its memory is used again.
   */
  takeOver(read: (chunk: Buffer) => void): void;
}

/** What one read can bring. All sockets share the memory: a chunk is used up before the next read. */
const READ_BYTES = 512 * 1024;
const readMemory = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * Begins to open a socket. Names are resolved anew for every socket (a replaced ElastiCache node keeps its name and
 * changes its address), and all addresses of a name are tried in turn ("happy eyeballs").
 *
 * Under TLS the name in the certificate is checked against `host`, also when a node is dialled by an address that
 * `lookup` gave.
 */
export function openSocket(options: SocketOptions): LinkSocket {
  const { host, port, tls, lookup } = options;
  const target = { host, port, ...(lookup === undefined ? {} : { lookup }), autoSelectFamily: true };
  if (tls === undefined) return openPlain(target);
  // SNI is for names only (RFC 6066, section 3); an address is checked against the certificate's IP entries.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectTls({ ...servername, ...tls, ...target });
  return {
    socket,
    takeOver(read) {
      socket.removeAllListeners('data');
      socket.on('data', read);
    },
  };
}

function openPlain(target: TcpSocketConnectOpts): LinkSocket {
  let read = (chunk: Buffer): void => {
    socket.push(Buffer.from(chunk));
  };
  // Reading into memory of our own saves an allocation of 64 KiB and a trip through the stream for every read.
  const onread = {
    buffer: readMemory,
    callback(bytes: number, memory: Uint8Array): boolean {
      read((memory as Buffer).subarray(0, bytes));
      return true;
    },
  };
  const socket: Socket = connectTcp({ ...target, onread });
  return {
    socket,
    takeOver(reader) {
      read = reader;
    },
  };
}
