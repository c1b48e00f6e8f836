import type { Fleet } from '../fleet.js';
import { HarnessError } from '../harness-error.js';
import type { Member } from '../member.js';
import { replicaOf } from './enlist.js';

/** Lets the process stand still. Its links stay open and silent. */
export function hang(member: Member): void {
  if (member.state === 'stopped') throw new HarnessError(`hang: node ${member.address} is stopped`);
  if (member.isRunning) member.process.hang();
}

/** Lets a hung process go on, and waits until it has found its place again. */
export async function resume(fleet: Fleet, member: Member): Promise<void> {
  if (member.state === 'stopped')
    throw new HarnessError(`resume: node ${member.address} is stopped; restart it`);
  if (member.isRunning) return;
  member.process.resume();
  if (!fleet.isCluster && member.role === 'replica') await follow(fleet, member);
  await rejoined(fleet, member, 'resumed');
}

/** Starts a node again, after ending its process if there is one. */
export async function restart(fleet: Fleet, member: Member): Promise<void> {
  await member.kill();
  if (!fleet.isCluster) {
    const isReplica = member.role === 'replica';
    await fleet.writeConfig(member, isReplica ? replicaOf(fleet.primaryOfShard(member.shard)) : []);
  }
  await member.start();
  await rejoined(fleet, member, 'restarted');
}

/** A node without cluster mode learns from nobody but us that another became primary while it hung. */
export async function follow(fleet: Fleet, member: Member): Promise<void> {
  const primary = fleet.primaryOfShard(member.shard);
  await member.call('REPLICAOF', primary.host, primary.port);
}

/** While other nodes are down, health may be out of reach; that the running ones agree is not. */
async function rejoined(fleet: Fleet, member: Member, what: string): Promise<void> {
  const isWhole = fleet.members.every(({ isReachable }) => isReachable);
  const expected = isWhole ? 'health' : 'agreement';
  await fleet.agree(`${member.address}, ${what}, is part of the cluster again`, {
    expected,
    started: [member],
  });
}
