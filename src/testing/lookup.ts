import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/**
 * A lookup that knows one name more than the system does.
 *
 * @param addresses - asked at each lookup: IPv4 addresses, in the order in which they are told
 */
export function lookupWith(name: string, addresses: () => readonly string[]): LookupFunction {
  return (hostname, options, callback) => {
    if (hostname.toLowerCase() !== name.toLowerCase()) {
      systemLookup(hostname, options, callback);
      return;
    }
    const wantsIpv6 = options.family === 6 || options.family === 'IPv6';
    const found = wantsIpv6 ? [] : [...new Set(addresses())].map((address) => ({ address, family: 4 }));
    // As from a real resolver, the answer never comes before the question's own turn has ended.
    process.nextTick(answer, hostname, found, options.all === true, callback);
  };
}

function answer(
  hostname: string,
  found: LookupAddress[],
  all: boolean,
  callback: Parameters<LookupFunction>[2],
): void {
  const [first] = found;
  if (!first) {
    const error: NodeJS.ErrnoException = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
    callback(Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname }), all ? [] : '');
  } else if (all) callback(null, found);
  else callback(null, first.address, first.family);
}
