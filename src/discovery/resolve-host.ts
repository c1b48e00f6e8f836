import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { ConnectError } from '../errors/index.js';
import type { Clock } from '../support/index.js';

/**
 * Every address that a host name has now, in the order of its resolver; an address is its own. None when it cannot be
 * resolved: whoever dials the name learns why, and may be sent elsewhere by an `addressMap`.
 * @throws {@link ConnectError} when the lookup does not answer within `timeoutMs`
 */
export function resolveHost(
  host: string,
  lookup: LookupFunction | undefined,
  clock: Clock,
  timeoutMs: number,
): Promise<readonly string[]> {
  if (isIP(host) !== 0) return Promise.resolve([host]);
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(timeoutMs, () => {
      const why = `${host} could not be resolved within topology.askTimeoutMs (${timeoutMs} ms)`;
      reject(new ConnectError(why, { retryable: true }));
    });
    const end = (addresses: readonly string[]): void => {
      timer.cancel();
      resolve([...new Set(addresses)]);
    };
    try {
      (lookup ?? systemLookup)(host, { all: true }, (error, found) => {
        if (error !== null) end([]);
        // A lookup of the caller's may not know of `all`.
        else end(typeof found === 'string' ? [found] : found.map(({ address }) => address));
      });
    } catch {
      // Thrown again when the name is dialled.
      end([]);
    }
  });
}
