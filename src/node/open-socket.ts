import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
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

/**
 * Begins to open a socket. Names are resolved anew for every socket (a replaced ElastiCache node keeps its name and
 * changes its address), and all addresses of a name are tried in turn ("happy eyeballs").
 *
 * Under TLS the name in the certificate is checked against `host`, also when a node is dialled by an address that
 * `lookup` gave.
 */
export function openSocket(options: SocketOptions): Socket {
  const { host, port, tls, lookup } = options;
  const target = { host, port, ...(lookup === undefined ? {} : { lookup }), autoSelectFamily: true };
  if (tls === undefined) return connectTcp(target);
  // SNI is for names only (RFC 6066, section 3); an address is checked against the certificate's IP entries.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ ...servername, ...tls, ...target });
}
