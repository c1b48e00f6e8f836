import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** The name under which nodes are known, where they have one. */
export const NODE_NAME = 'node.slotwise.test';
const LIVING = '127.0.0.1';
/** On the loopback, with nobody there. */
const DEAD: readonly string[] = ['127.66.6.6', '127.66.6.7'];

/** `changed`: the first addresses are those of nodes long gone. `outdated`: so are all. */
type NameState = 'well' | 'failing' | 'changed' | 'outdated';

const ADDRESSES: Readonly<Record<NameState, readonly string[]>> = {
  well: [LIVING],
  failing: [],
  changed: [...DEAD, LIVING],
  outdated: DEAD,
};

/** Resolves the nodes' name, well or badly; the client's option `lookup`. */
export class NameService {
  state: NameState = 'well';

  readonly lookup: LookupFunction = (host, options, callback) => {
    const addresses = host === NODE_NAME ? asAnswers(ADDRESSES[this.state]) : [];
    const [first] = addresses;
    // Later, as from a real name service.
    setImmediate(() => {
      if (first === undefined) callback(notFound(host), '', 0);
      else if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };
}

function asAnswers(addresses: readonly string[]): LookupAddress[] {
  return addresses.map((address) => ({ address, family: 4 }));
}

function notFound(host: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`getaddrinfo ENOTFOUND ${host}`);
  error.code = 'ENOTFOUND';
  return error;
}
