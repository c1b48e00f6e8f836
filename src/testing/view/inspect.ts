import { HarnessError } from '../harness-error.js';
import type { Member } from '../member.js';
import { SLOT_COUNT, spanText } from '../slots.js';
import { type NodeLine, parseFields, parseNodes } from './parse-nodes.js';

/** Flags of a node that others cannot reach, or do not know well enough yet. */
const TROUBLE = ['fail', 'fail?', 'handshake', 'noaddr'];

/**
 * Asks every running member, and returns the one view that they all share.
 *
 * They agree when each knows exactly the members, holds those that run for alive and linked, and tells the same roles
 * and slots, and when every running replica has its copy. They are healthy when besides each says that the cluster is
 * ok, every slot has a running owner, and those that do not run are known to have failed.
 *
 * @param expected - `agreement` is all that can be had while too many nodes are down
 * @throws {@link HarnessError} telling the first thing that is not so
 */
export async function inspectCluster(
  members: readonly Member[],
  expected: 'health' | 'agreement',
): Promise<NodeLine[]> {
  const running = members.filter(({ isReachable }) => isReachable);
  const isHealthWanted = expected === 'health';
  // One cheap question first: while the answer is no, the others need not be asked.
  if (isHealthWanted) await Promise.all(running.map(checkState));
  const views = await Promise.all(
    running.map(async (member) => parseNodes(await member.text('CLUSTER', 'NODES'))),
  );
  const [view] = views;
  if (!view) throw new HarnessError('no node is running');
  const told = signature(view);
  views.forEach((each, i) => {
    const teller = running[i] as Member;
    checkMembership(teller, each, members);
    checkSame(running[0] as Member, told, teller, signature(each));
    if (isHealthWanted) checkFailuresKnown(teller, each, members);
  });
  if (isHealthWanted) checkCoverage(running, view);
  await checkReplicas(running, view);
  return view;
}

async function checkState(member: Member): Promise<void> {
  const fields = parseFields(await member.text('CLUSTER', 'INFO'));
  const state = fields.get('cluster_state');
  if (state !== 'ok') throw new HarnessError(`${member.address} says cluster_state:${state}`);
}

function checkMembership(teller: Member, view: readonly NodeLine[], members: readonly Member[]): void {
  for (const line of view) {
    const complaint = complaintAbout(line, teller, members);
    if (complaint) throw new HarnessError(`${teller.address} holds ${line.address} for ${complaint}`);
  }
  const missing = members.find(({ id }) => !view.some((line) => line.id === id));
  if (missing) throw new HarnessError(`${teller.address} does not know ${missing.address} yet`);
}

function complaintAbout(line: NodeLine, teller: Member, members: readonly Member[]): string | undefined {
  const member = members.find(({ id }) => id === line.id);
  if (!member) return 'a member, which it is not';
  if (!member.isReachable) return undefined;
  if (TROUBLE.some((flag) => line.flags.has(flag))) return [...line.flags].join(',');
  return line.linked || member === teller ? undefined : 'disconnected';
}

function checkFailuresKnown(teller: Member, view: readonly NodeLine[], members: readonly Member[]): void {
  const down = new Set(members.filter(({ isReachable }) => !isReachable).map(({ id }) => id));
  const unknown = view.find(({ id, flags }) => down.has(id) && !flags.has('fail'));
  if (unknown) throw new HarnessError(`${teller.address} holds ${unknown.address} for alive`);
}

/** What all nodes must tell alike. Epochs, which travel with later messages, are no part of it. */
function signature(view: readonly NodeLine[]): string[] {
  const lines = view.map(
    ({ id, address, primaryId, slots }) =>
      `${id} ${address} ${primaryId ?? 'primary'} ${slots.map(spanText).join(' ')}`,
  );
  return lines.toSorted();
}

function checkSame(first: Member, told: readonly string[], other: Member, found: readonly string[]): void {
  const at = found.findIndex((line, i) => line !== told[i]);
  if (at === -1) return;
  throw new HarnessError(`${first.address} says "${told[at]}", but ${other.address} says "${found[at]}"`);
}

function checkCoverage(running: readonly Member[], view: readonly NodeLine[]): void {
  const ids = new Set(running.map(({ id }) => id));
  const spans = view.filter(({ id }) => ids.has(id)).flatMap(({ slots }) => slots);
  const covered = spans.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (covered !== SLOT_COUNT) throw new HarnessError(`running nodes own ${covered} of ${SLOT_COUNT} slots`);
}

async function checkReplicas(running: readonly Member[], view: readonly NodeLine[]): Promise<void> {
  const primaryOf = new Map(view.map(({ id, primaryId }) => [id, primaryId]));
  await Promise.all(
    running.map(async (member) => {
      const primary = running.find(({ id }) => id === primaryOf.get(member.id));
      if (primary) await checkCopy(member, primary);
    }),
  );
}

/** @throws {@link HarnessError} unless the replica follows this primary and has its whole data */
async function checkCopy(replica: Member, primary: Member): Promise<void> {
  const fields = parseFields(await replica.text('INFO', 'replication'));
  const link = fields.get('master_link_status');
  const followed = `${fields.get('master_host')}:${fields.get('master_port')}`;
  if (fields.get('role') === 'slave' && link === 'up' && followed === primary.address) return;
  const does = fields.get('role') === 'slave' ? `follows ${followed}, link ${link}` : 'is a primary';
  throw new HarnessError(`${replica.address} should be a copy of ${primary.address}, but ${does}`);
}

/** The same question for nodes without cluster mode: the replicas that run are copies of the primary. */
export async function inspectStandalone(members: readonly Member[]): Promise<void> {
  const primary = members.find(({ role }) => role === 'primary');
  if (!primary?.isReachable) throw new HarnessError('the primary is not running, or cut off');
  const fields = parseFields(await primary.text('INFO', 'replication'));
  if (fields.get('role') !== 'master') throw new HarnessError(`${primary.address} is not a primary`);
  const replicas = members.filter((member) => member.isReachable && member !== primary);
  await Promise.all(replicas.map((replica) => checkCopy(replica, primary)));
  // The primary learns a moment later that a copy is complete; until then it hands over to none.
  const online = [...fields].filter(
    ([name, value]) => /^slave\d+$/.test(name) && value.includes('state=online'),
  );
  if (online.length < replicas.length) {
    throw new HarnessError(
      `${primary.address} counts ${online.length} of ${replicas.length} replicas as complete`,
    );
  }
}
