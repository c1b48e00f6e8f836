import { InvalidArgumentError } from '../../errors/index.js';
import type { Fleet } from '../fleet.js';
import { HarnessError } from '../harness-error.js';
import type { LocalNode, Member } from '../member.js';
import { type NodeLine, parseFields } from '../view/index.js';

/**
 * `graceful`: primary and replica arrange it, nothing is lost; needs a living primary. `force`: the replica does not
 * ask the primary, but asks the others for their votes. `takeover`: it asks nobody.
 */
export type FailoverMode = 'graceful' | 'force' | 'takeover';

/** How a failover is made. */
export interface FailoverOptions {
  /** @defaultValue `'graceful'` */
  readonly mode?: FailoverMode;
  /** The replica to promote. @defaultValue the first one that runs */
  readonly to?: LocalNode | string;
}

const MODES: readonly FailoverMode[] = ['graceful', 'force', 'takeover'];

/**
 * A replica gives up a failover after the engine's five seconds, for one because the others gave their votes to the
 * same shard a moment ago. And one that was elected shortly before may take the votes of then for votes of now: it is
 * primary for a moment, until the others correct it. Both are asked again after this.
 */
const ASK_AGAIN_AFTER_MS = 6_000;

/** Makes a replica the primary of its shard; resolves with it. */
export async function failover(fleet: Fleet, shard: number, options: FailoverOptions): Promise<Member> {
  const { mode = 'graceful', to } = options;
  if (!MODES.includes(mode))
    throw new InvalidArgumentError(`failover: mode is one of ${MODES.join(', ')}, not ${mode}`);
  const primary = fleet.primaryOfShard(shard);
  const replica =
    to === undefined ? firstRunningReplica(fleet, shard) : replicaToPromote(fleet.member(to), shard);
  if (mode === 'graceful' && !primary.isReachable) {
    throw new HarnessError(
      `failover: the primary of shard ${shard} is ${primary.isRunning ? 'cut off' : primary.state}; use mode 'force' or 'takeover'`,
    );
  }
  if (mode === 'force' && fleet.isCluster) checkMajority(fleet);
  await (fleet.isCluster
    ? promoteInCluster(fleet, replica, mode)
    : promoteStandalone(fleet, primary, replica, mode));
  return replica;
}

function firstRunningReplica(fleet: Fleet, shard: number): Member {
  const replica = fleet.ofShard(shard).find(({ role, isReachable }) => role === 'replica' && isReachable);
  if (!replica) throw new HarnessError(`failover: shard ${shard} has no running replica`);
  return replica;
}

function replicaToPromote(member: Member, shard: number): Member {
  if (member.shard === shard && member.role === 'replica' && member.isReachable) return member;
  const { address, role, state } = member;
  throw new InvalidArgumentError(
    `failover: expected a running replica of shard ${shard}, but ${address} is a ${state} ${role} of shard ${member.shard}`,
  );
}

function checkMajority(fleet: Fleet): void {
  const primaries = fleet.shards.map((shard) => fleet.primaryOfShard(shard));
  const voters = primaries.filter(({ isReachable }) => isReachable).length;
  if (voters > primaries.length / 2) return;
  throw new HarnessError(
    `failover: mode 'force' needs the votes of most primaries, but ${voters} of ${primaries.length} run; use 'takeover'`,
  );
}

async function promoteInCluster(fleet: Fleet, replica: Member, mode: FailoverMode): Promise<void> {
  let askedAtMs = Number.NEGATIVE_INFINITY;
  const askUnlessPrimary = async (): Promise<void> => {
    if (await isPrimary(replica)) return;
    if (performance.now() - askedAtMs > ASK_AGAIN_AFTER_MS) {
      askedAtMs = performance.now();
      await replica.call('CLUSTER', 'FAILOVER', ...(mode === 'graceful' ? [] : [mode.toUpperCase()]));
    }
    throw new HarnessError(`${replica.address} is still a replica`);
  };
  await fleet.agree(`${replica.address} is the primary of shard ${replica.shard}`, {
    expected: fleet.members.every(({ isReachable }) => isReachable) ? 'health' : 'agreement',
    before: askUnlessPrimary,
    condition: (view) => requirePrimary(view, replica),
  });
}

function requirePrimary(view: readonly NodeLine[], member: Member): void {
  const line = view.find(({ id }) => id === member.id);
  if (line?.primaryId !== undefined) throw new HarnessError(`${member.address} is held for a replica`);
}

async function isPrimary(member: Member): Promise<boolean> {
  return parseFields(await member.text('INFO', 'replication')).get('role') === 'master';
}

/** Without cluster mode there is nobody to vote, and nobody tells the other replicas: the harness does. */
async function promoteStandalone(
  fleet: Fleet,
  primary: Member,
  replica: Member,
  mode: FailoverMode,
): Promise<void> {
  const what = `${replica.address} is the primary`;
  if (mode === 'graceful') await primary.call('FAILOVER', 'TO', replica.host, replica.port);
  else await replica.call('REPLICAOF', 'NO', 'ONE');
  await fleet.until(what, async () => isPrimary(replica));
  const others = fleet.reachable.filter((member) => member !== replica);
  await Promise.all(others.map((member) => member.call('REPLICAOF', replica.host, replica.port)));
  for (const member of fleet.members) member.role = member === replica ? 'primary' : 'replica';
  await fleet.agree(what);
}
