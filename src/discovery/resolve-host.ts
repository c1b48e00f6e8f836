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
    const timer = clock.schedule(timeoutMs, () => {
      reject(
        new ConnectError(`${host} could not be resolved within topology.askTimeoutMs (${timeoutMs} ms)`, {
          retryable: true,
        }),
      );
    });
    (lookup ?? systemLookup)(host, { all: true }, (error, found) => {
      timer.cancel();
      if (error !== null) {
        const why = error.code === 'ENOTFOUND' ? 'no such host name' : error.message;
        reject(new ConnectError(`${host} could not be resolved: ${why}`, { cause: error, retryable: true }));
        return;
      }
      // A lookup of the caller's may not know of `all`.
      const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address);
      resolve([...new Set(addresses)]);
    });
  });
}
