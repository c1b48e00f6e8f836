import { InvalidArgumentError } from '../../errors/index.js';
import type { Fleet } from '../fleet.js';
import { groupBy } from '../group-by.js';
import { HarnessError } from '../harness-error.js';
import type { Member } from '../member.js';
import type { NodeEntry } from '../process/index.js';
import { type NodeLine, parseNodes } from '../view/index.js';
import { enlistShard, entryOf, replicaOf, writeNodesConf } from './enlist.js';
import { failover } from './failover.js';
import { moveSlots } from './move-slots.js';

/** How a shard is added. */
export interface AddShardOptions {
  /** Whether it gets its share of the slots at once. @defaultValue `true` */
  readonly rebalance?: boolean;
}

/** Adds a shard with as many replicas as the others were started with; resolves with its number. */
export async function addShard(fleet: Fleet, { rebalance = true }: AddShardOptions): Promise<number> {
  const view = await healthyView(fleet);
  const present = fleet.members;
  const epoch = 1 + Math.max(...view.map(({ configEpoch }) => configEpoch));
  const entries = await enlistShard(fleet, epoch, []);
  const added = fleet.members.filter((member) => !present.includes(member));
  await introduce(fleet, added, [...entriesOf(fleet, view), ...entries]);
  const { shard } = added[0] as Member;
  if (rebalance) await moveSlots(fleet, { slots: fairShare(fleet), to: shard });
  return shard;
}

/** Moves a shard's slots to the others, then ends and forgets its nodes. */
export async function removeShard(fleet: Fleet, shard: number): Promise<void> {
  const leaving = fleet.ofShard(shard);
  const staying = fleet.shards.filter((each) => each !== shard);
  if (staying.length === 0) throw new InvalidArgumentError('removeShard: the last shard cannot be removed');
  await healthyView(fleet);
  for (const [to, slots] of distribution(fleet, shard, staying)) await moveSlots(fleet, { slots, to });
  await expel(fleet, leaving);
}

/** Adds a replica to a shard; resolves with it. */
export async function addReplica(fleet: Fleet, shard: number): Promise<Member> {
  const [replica] = await addReplicas(fleet, [{ shard }]);
  return replica as Member;
}

/** Puts a new node into the place of each present one: in the same zone, with the same role and data. */
export async function replaceNodes(fleet: Fleet): Promise<void> {
  const leaving = fleet.members;
  const primaries = fleet.shards.map((shard) => fleet.primaryOfShard(shard));
  const added = await addReplicas(fleet, leaving);
  for (const primary of primaries) {
    await failover(fleet, primary.shard, { to: added[leaving.indexOf(primary)] as Member });
  }
  await expel(fleet, leaving);
}

/** Where a replica is wanted. */
interface Vacancy {
  readonly shard: number;
  readonly availabilityZone?: string | undefined;
}

async function addReplicas(fleet: Fleet, vacancies: readonly Vacancy[]): Promise<Member[]> {
  const primaries = vacancies.map(({ shard }) => fleet.primaryOfShard(shard));
  const view = fleet.isCluster ? await healthyView(fleet) : [];
  const entries = entriesOf(fleet, view);
  const added: Member[] = [];
  for (const [i, primary] of primaries.entries()) {
    const zone = vacancies[i]?.availabilityZone;
    const replica = await fleet.enlist(primary.shard, primary.shardId, 'replica', zone);
    added.push(replica);
    if (fleet.isCluster) entries.push(entryOf(replica, primary.id, 0, []));
    else await fleet.writeConfig(replica, replicaOf(primary));
  }
  if (fleet.isCluster) await introduce(fleet, added, entries);
  else await launch(fleet, added, async () => undefined);
  return added;
}

/** Ends and forgets a replica. */
export async function removeReplica(fleet: Fleet, replica: Member): Promise<void> {
  if (replica.role === 'primary') {
    throw new InvalidArgumentError(
      `removeReplica: ${replica.address} is the primary of shard ${replica.shard}; fail over first`,
    );
  }
  await expel(fleet, [replica]);
}

async function healthyView(fleet: Fleet): Promise<NodeLine[]> {
  await fleet.agree('the cluster is healthy, so that its members can change');
  return parseNodes(await (fleet.reachable[0] as Member).text('CLUSTER', 'NODES'));
}

function entriesOf(fleet: Fleet, view: readonly NodeLine[]): NodeEntry[] {
  return view.map(({ id, primaryId, configEpoch, slots }) =>
    entryOf(fleet.member(id), primaryId, configEpoch, slots),
  );
}

/** Starts members that know all others, and lets all others meet them. */
async function introduce(
  fleet: Fleet,
  added: readonly Member[],
  entries: readonly NodeEntry[],
): Promise<void> {
  await Promise.all(added.map((member) => writeNodesConf(fleet, member, entries)));
  await launch(fleet, added, async () => {
    const present = fleet.reachable.filter((member) => !added.includes(member));
    // Each meets each, rather than one and gossip: that would take as long as gossip takes.
    const meetings = present.flatMap((member) =>
      added.map(({ host, port, busPort }) => member.call('CLUSTER', 'MEET', host, port, busPort)),
    );
    await Promise.all(meetings);
  });
}

/** Starts new members; takes them out again when the cluster does not accept them. */
async function launch(
  fleet: Fleet,
  added: readonly Member[],
  introduction: () => Promise<void>,
): Promise<void> {
  const names = added.map(({ address }) => address).join(', ');
  try {
    await Promise.all(added.map((member) => member.start()));
    await fleet.until(
      `${names} answer`,
      () => Promise.all(added.map((member) => member.call('PING'))),
      added,
    );
    await introduction();
    await fleet.agree(`${names} are part of the cluster`, { started: added });
  } catch (error) {
    if (!fleet.isStopped) await Promise.all(added.map((member) => fleet.dismiss(member)));
    throw error;
  }
}

async function expel(fleet: Fleet, leaving: readonly Member[]): Promise<void> {
  await Promise.all(leaving.map((member) => fleet.dismiss(member)));
  if (fleet.isCluster) {
    await Promise.all(fleet.reachable.flatMap((member) => leaving.map((gone) => forget(member, gone))));
  }
  await fleet.agree(`${leaving.map(({ address }) => address).join(', ')} are forgotten`);
}

async function forget(member: Member, gone: Member): Promise<void> {
  try {
    await member.call('CLUSTER', 'FORGET', gone.id);
  } catch (error) {
    // Newer engines pass the word on: it may have been quicker than we.
    if (!(error instanceof HarnessError && error.message.includes('Unknown node'))) throw error;
  }
}

/** The slots that a new, empty shard is due: taken from the largest shards, from their ends. */
function fairShare(fleet: Fleet): number[] {
  const held = fleet.shards.map((shard) => fleet.ownership.slotsOwnedBy(fleet.primaryOfShard(shard)));
  const total = held.reduce((sum, slots) => sum + slots.length, 0);
  return Array.from({ length: Math.floor(total / held.length) }, () => {
    const largest = held.reduce((a, b) => (b.length > a.length ? b : a));
    return largest.pop() as number;
  });
}

/** Which shard gets which slots of one that leaves: always the smallest gets the next. */
function distribution(fleet: Fleet, leaving: number, staying: readonly number[]): Map<number, number[]> {
  const sizeOf = (shard: number): number => fleet.ownership.slotsOwnedBy(fleet.primaryOfShard(shard)).length;
  const sizes = new Map(staying.map((shard) => [shard, sizeOf(shard)]));
  const slots = fleet.ownership.slotsOwnedBy(fleet.primaryOfShard(leaving));
  return groupBy(slots, () => {
    const [smallest] = [...sizes].reduce((a, b) => (b[1] < a[1] ? b : a));
    sizes.set(smallest, (sizes.get(smallest) ?? 0) + 1);
    return smallest;
  });
}
