import type { LookupFunction } from 'node:net';
import { LinkLostError, SeedsExhaustedError, type SeedFailure } from '../errors/index.js';
import type { Node, NodePool } from '../node/index.js';
import type { Clock } from '../support/index.js';
import { type Answer, formatAddress, type TopologyView } from '../topology/index.js';
import { resolveHost } from './resolve-host.js';
import type { SeedProvider } from './seeds.js';

/** What seeds are asked with. */
export interface AskSeedsOptions {
  readonly seeds: SeedProvider;
  readonly nodes: NodePool;
  readonly lookup: LookupFunction | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
  ask(node: Node): Promise<TopologyView>;
  isClosed(): boolean;
}

/** A seed that has not answered by then is no longer waited for before the next is asked too, in milliseconds. */
const STAGGER_MS = 250;

interface Door {
  /** The seed's address, and which of its addresses it is, for messages. */
  readonly name: string;
  open(): { readonly node: Node; readonly close: () => void };
}

/**
 * Asks the seeds, one after the other and soon at the same time, until one knows a topology. Names are resolved anew,
 * and all their addresses are tried: behind one name there may be every node of a cluster, or nodes that are gone.
 *
 * @throws {@link SeedsExhaustedError} with one error per seed and address
 */
export async function askSeeds(options: AskSeedsOptions): Promise<{ answer: Answer; asked: string[] }> {
  const failures: SeedFailure[] = [];
  const asked: string[] = [];
  const doors = await findDoors(options, failures);
  if (doors.length === 0) throw new SeedsExhaustedError(failures);
  return new Promise((resolve, reject) => {
    let next = 0;
    let open = 0;
    let isOver = false;
    const knock = (): void => {
      const door = doors[next++];
      if (isOver || door === undefined || options.isClosed()) return;
      open++;
      asked.push(door.name);
      const timer = options.clock.schedule(STAGGER_MS, knock, true);
      const { node, close } = door.open();
      options.ask(node).then(
        (view) => {
          if (!hasSlots(view)) failed(new Error('it knows of no shard with slots'));
          else if (!isOver) {
            isOver = true;
            resolve({ answer: { from: node.address, view }, asked });
          }
          ended();
        },
        (error: Error) => {
          failed(error);
          ended();
        },
      );
      const failed = (error: Error): void => void failures.push({ seed: door.name, error });
      const ended = (): void => {
        timer.cancel();
        close();
        open--;
        if (isOver) return;
        if (next < doors.length && !options.isClosed()) knock();
        else if (open === 0) reject(new SeedsExhaustedError(failures));
      };
    };
    knock();
  });
}

async function findDoors(options: AskSeedsOptions, failures: SeedFailure[]): Promise<readonly Door[]> {
  const { nodes, lookup, clock, timeoutMs } = options;
  const doors: Door[] = [];
  for (const { host, port } of await provided(options)) {
    const address = formatAddress(host, port);
    try {
      const ips = await resolveHost(host, lookup, clock, timeoutMs);
      // One address: the node itself may be known by this name, and has a link then.
      if (ips.length === 1) {
        doors.push({
          name: address,
          open: () => ({ node: nodes.node(host, port, address), close: () => {} }),
        });
      }
      for (const ip of ips.length === 1 ? [] : ips) {
        doors.push({
          name: `${address} (${ip})`,
          open: () => {
            const node = nodes.temporary(host, port, address, ip);
            return { node, close: () => node.close(new LinkLostError(`${address} was only asked once`)) };
          },
        });
      }
    } catch (error) {
      failures.push({ seed: address, error: error as Error });
    }
  }
  return doors;
}

/** A provider that never answers is one that failed. */
function provided({ seeds, clock, timeoutMs }: AskSeedsOptions): ReturnType<SeedProvider['getSeeds']> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new SeedsExhaustedError([{ seed: 'the seed provider', error }]));
    const timer = clock.schedule(timeoutMs, () =>
      fail(new Error(`it did not answer within topology.askTimeoutMs (${timeoutMs} ms)`)),
    );
    seeds
      .getSeeds()
      .then(resolve, fail)
      .finally(() => timer.cancel());
  });
}

/** A node that was reset or forgotten knows of no slots: its view says nothing of the cluster. */
function hasSlots(view: TopologyView): boolean {
  return view.shards.some((shard) => shard.slots.length > 0);
}
