import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { ConnectError } from '../errors/index.js';
import type { Clock } from '../support/index.js';

/**
 * Every address that a host name has now, in the order of its resolver; an address is its own.
 * @throws {@link ConnectError} when the lookup fails, or does not answer within `timeoutMs`
 */
export function resolveHost(
  host: string,
  lookup: LookupFunction | undefined,
  clock: Clock,
  timeoutMs: number,
): Promise<readonly string[]> {
  if (isIP(host) !== 0) return Promise.resolve([host]);
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void => {
      timer.cancel();
      reject(new ConnectError(`${host} could not be resolved${why}`, { cause, retryable: true }));
    };
    const timer = clock.schedule(timeoutMs, () => fail(` within topology.askTimeoutMs (${timeoutMs} ms)`));
    try {
      (lookup ?? systemLookup)(host, { all: true }, (error, found) => {
        if (error !== null) {
          fail(`: ${error.code === 'ENOTFOUND' ? 'no such host name' : error.message}`, error);
          return;
        }
        // A lookup of the caller's may not know of `all`.
        const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address);
        if (addresses.length === 0) {
          fail(': it has no address');
          return;
        }
        timer.cancel();
        resolve([...new Set(addresses)]);
      });
    } catch (error) {
      fail(`: ${(error as Error).message}`, error);
    }
  });
}
