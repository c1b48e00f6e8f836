import { InvalidArgumentError } from '../errors/index.js';

/** Where a node listens. */
export interface HostPort {
  /** Name, IPv4 address, or IPv6 address without brackets; lower case. */
  readonly host: string;
  /** 1..65535 */
  readonly port: number;
}

const MAX_PORT = 65_535;
const NAME_OR_IPV4 = /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_.])?$/i;
const IPV6 = /^(?=.*:.*:)[0-9a-f:.]+(?:%[a-z0-9._-]+)?$/i;
const DIGITS = /^\d{1,5}$/;

/** Whether `port` is an integer in 1..65535. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= MAX_PORT;
}

/** Whether `host` has the form of a name, an IPv4 address, or an IPv6 address without brackets. */
export function isHost(host: string): boolean {
  return host.includes(':') ? IPV6.test(host) : NAME_OR_IPV4.test(host);
}

/** Whether `host` is an address rather than a name: no certificate is verified against it by default. */
export function isIpAddress(host: string): boolean {
  return host.includes(':') || /^\d+(?:\.\d+){3}$/.test(host);
}

/**
 * The identity of a node, everywhere in Slotwise: `host:port`, lower case, IPv6 in brackets (`[::1]:6379`).
 * `host` may be given with or without brackets.
 */
export function formatAddress(host: string, port: number): string {
  const name = host.toLowerCase();
  return name.includes(':') && !name.startsWith('[') ? `[${name}]:${port}` : `${name}:${port}`;
}

/**
 * Reads `host:port` or `[ipv6]:port`.
 *
 * @throws {@link InvalidArgumentError} when the text is neither, or the port is not in 1..65535. IPv6 without
 * brackets is refused, because its last group could as well be the port.
 */
export function parseAddress(address: string): HostPort {
  const split = splitAddress(address);
  const bare = split !== undefined && !address.startsWith('[') && split.host.includes(':');
  if (split === undefined || bare || !isHost(split.host)) {
    throw new InvalidArgumentError(
      `Not a node address: expected 'host:port' or '[ipv6]:port' with a port in 1..65535, got '${address}'`,
    );
  }
  return split;
}

/**
 * Splits at the last colon and takes brackets off; the host may be empty and is not looked at.
 *
 * @returns `undefined` when there is no colon or no usable port after it
 */
export function splitAddress(address: string): HostPort | undefined {
  const colon = address.lastIndexOf(':');
  if (colon === -1) return undefined;
  const digits = address.slice(colon + 1);
  const port = Number(digits);
  if (!DIGITS.test(digits) || !isPort(port)) return undefined;
  return { host: withoutBrackets(address.slice(0, colon)).toLowerCase(), port };
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
