import type { LookupFunction } from 'node:net';
import { LinkLostError, type SeedFailure } from '../errors/index.js';
import type { Clock } from '../support/index.js';
import { formatAddress } from '../topology/index.js';
import type { Askable, NodeSource } from './ask-node.js';
import { resolveHost } from './resolve-host.js';
import type { SeedProvider } from './seeds.js';

/** What seeds are found with. */
export interface FindSeedsOptions {
  readonly seeds: SeedProvider;
  readonly nodes: NodeSource;
  readonly lookup: LookupFunction | undefined;
  /** For the provider, and for each name, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** One place behind a seed. */
export interface Door {
  /** The seed, and which of its addresses it is, for messages. */
  readonly name: string;
  /** The host of who answers there: the IP address where a name stands for several. */
  readonly host: string;
  /** The node there. `close` is called when it has been asked. */
  open(): { readonly node: Askable; readonly close: () => void };
}

/** Where seeds can be asked, and why some of them cannot. */
export interface FoundSeeds {
  readonly doors: readonly Door[];
  readonly failures: readonly SeedFailure[];
}

/**
 * The seeds and all their addresses: behind one name there may be every node of a cluster, or nodes that are gone. Names
 * are resolved anew, at the same time. The first address of every seed comes before the second of any.
 */
export async function findSeeds(options: FindSeedsOptions): Promise<FoundSeeds> {
  const failures: SeedFailure[] = [];
  let seeds: Awaited<ReturnType<SeedProvider['getSeeds']>>;
  try {
    seeds = await provided(options);
  } catch (error) {
    return { doors: [], failures: [{ seed: 'the seed provider', error: error as Error }] };
  }
  const found = await Promise.all(
    seeds.map(async ({ host, port }) => {
      try {
        return await doorsOf(host, port, options);
      } catch (error) {
        failures.push({ seed: formatAddress(host, port), error: error as Error });
        return [];
      }
    }),
  );
  const most = Math.max(0, ...found.map(({ length }) => length));
  const doors = Array.from({ length: most }, (_, i) => found.flatMap((each) => each[i] ?? [])).flat();
  return { doors, failures };
}

async function doorsOf(host: string, port: number, options: FindSeedsOptions): Promise<readonly Door[]> {
  const { nodes, lookup, clock, timeoutMs } = options;
  const name = formatAddress(host, port);
  const ips = await resolveHost(host, lookup, clock, timeoutMs);
  if (ips.length <= 1) {
    // The node itself may be known by this name, and has a link then.
    return [{ name, host, open: () => ({ node: nodes.node(host, port, name), close: () => {} }) }];
  }
  return ips.map((ip) => ({
    name: `${name} (${ip})`,
    host: ip,
    open() {
      const node = nodes.temporary(host, port, name, ip);
      return { node, close: () => node.close(new LinkLostError(`${name} (${ip}) was asked once only`)) };
    },
  }));
}

/** A provider that never answers is one that failed. */
function provided({ seeds, clock, timeoutMs }: FindSeedsOptions): ReturnType<SeedProvider['getSeeds']> {
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(timeoutMs, () => {
      reject(new Error(`it did not answer within topology.askTimeoutMs (${timeoutMs} ms)`));
    });
    // A provider may also throw at once.
    const asked = (async () => seeds.getSeeds())();
    void asked.then(resolve, reject).finally(() => timer.cancel());
  });
}
