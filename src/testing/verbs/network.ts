import { InvalidArgumentError } from '../../errors/index.js';
import type { Fleet } from '../fleet.js';
import { HarnessError } from '../harness-error.js';
import type { LocalNode, Member } from '../member.js';
import type { FaultProxy } from '../proxy/index.js';
import { follow } from './faults.js';

/** A node, its id or its address; the name of a zone; or several of these. */
export type Whereabouts = LocalNode | string | ReadonlyArray<LocalNode | string>;

/** Keeps nodes apart from everybody else. */
export function partition(fleet: Fleet, where: Whereabouts): void {
  const members = membersAt(fleet, where, 'partition');
  const island = 1 + Math.max(...fleet.members.map((member) => member.island));
  for (const member of members) member.island = island;
  for (const { proxies } of fleet.members) proxies?.reconsider();
}

/** Takes away partitions and every fault, and waits until the nodes have found each other. */
export async function heal(fleet: Fleet): Promise<void> {
  const returned = fleet.members.filter(({ island }) => island !== 0);
  for (const member of returned) member.island = 0;
  for (const { proxies } of fleet.members) proxies?.reconsider();
  await Promise.all(fleet.members.map((member) => faultProxyOf(member, 'heal').clear()));
  if (!fleet.isCluster) {
    const replicas = returned.filter(({ role, isRunning }) => role === 'replica' && isRunning);
    await Promise.all(replicas.map((member) => follow(fleet, member)));
  }
  const isWhole = fleet.members.every(({ isReachable }) => isReachable);
  await fleet.agree('all nodes that run are in touch again', { expected: isWhole ? 'health' : 'agreement' });
}

/** Lets round trips of clients take longer. */
export function delay(fleet: Fleet, where: Whereabouts, ms: number): void {
  for (const member of membersAt(fleet, where, 'latency')) faultProxyOf(member, 'latency').latency({ ms });
}

/** Breaks off the connections of clients. */
export function cut(fleet: Fleet, where: Whereabouts): void {
  for (const member of membersAt(fleet, where, 'cut')) faultProxyOf(member, 'cut').reset();
}

/** @throws {@link HarnessError} when the cluster has no proxies */
export function faultProxyOf({ proxies }: Member, verb: string): FaultProxy {
  if (proxies) return proxies.faults;
  throw new HarnessError(`${verb} needs a proxied cluster: LocalCluster.start({ proxied: true })`);
}

function membersAt(fleet: Fleet, where: Whereabouts, verb: string): Member[] {
  if (!fleet.options.proxied) {
    throw new HarnessError(`${verb} needs a proxied cluster: LocalCluster.start({ proxied: true })`);
  }
  const places: ReadonlyArray<LocalNode | string> = Array.isArray(where) ? where : [where as LocalNode];
  const members = new Set(places.flatMap((place) => membersIn(fleet, place)));
  if (members.size === 0) throw new InvalidArgumentError(`${verb}: name at least one node or zone`);
  return [...members];
}

function membersIn(fleet: Fleet, place: LocalNode | string): Member[] {
  if (typeof place !== 'string' || !fleet.options.availabilityZones.includes(place))
    return [fleet.member(place)];
  return fleet.members.filter(({ availabilityZone }) => availabilityZone === place);
}
