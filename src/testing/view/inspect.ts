import { HarnessError } from '../harness-error.js';
import type { Member } from '../member.js';
import { SLOT_COUNT, spanText } from '../slots.js';
import { type NodeLine, parseFields, parseNodes } from './parse-nodes.js';

/**
 * Asks every running member, and returns the one view that they all share.
 *
 * They agree when each says that the cluster is ok, knows exactly the members, holds those that run for alive and
 * linked and the others for failed, and tells the same roles and slots; when every slot has a running owner; and when
 * every running replica has its copy.
 *
 * @throws {@link HarnessError} telling the first thing that is not so
 */
export async function inspectCluster(members: readonly Member[]): Promise<NodeLine[]> {
  const running = members.filter((member) => member.isRunning);
  // One cheap question first: while the answer is no, the others need not be asked.
  await Promise.all(running.map(checkState));
  const views = await Promise.all(
    running.map(async (member) => parseNodes(await member.text('CLUSTER', 'NODES'))),
  );
  const [view] = views;
  if (!view) throw new HarnessError('no node is running');
  views.forEach((each, i) => checkMembership(running[i] as Member, each, members));
  const expected = signature(view);
  views.forEach((each, i) => checkSame(running, i, expected, signature(each)));
  checkCoverage(running, view);
  await checkReplicas(running, view);
  return view;
}

async function checkState(member: Member): Promise<void> {
  const fields = parseFields(await member.text('CLUSTER', 'INFO'));
  const state = fields.get('cluster_state');
  if (state !== 'ok') throw new HarnessError(`${member.address} says cluster_state:${state}`);
}

function checkMembership(teller: Member, view: readonly NodeLine[], members: readonly Member[]): void {
  const complain = (address: string, what: string): never => {
    throw new HarnessError(`${teller.address} holds ${address} for ${what}`);
  };
  for (const line of view) {
    const member = members.find(({ id }) => id === line.id);
    if (!member) complain(line.address, 'a member, which it is not');
    else if (
      member.isRunning &&
      (line.flags.has('fail') || line.flags.has('fail?') || line.flags.has('handshake'))
    ) {
      complain(line.address, [...line.flags].join(','));
    } else if (!member.isRunning && !line.flags.has('fail')) complain(line.address, 'alive');
    else if (member.isRunning && member !== teller && !line.linked) complain(line.address, 'disconnected');
  }
  const missing = members.find(({ id }) => !view.some((line) => line.id === id));
  if (missing) complain(missing.address, 'no member yet');
}

/** What all nodes must tell alike. Epochs, which travel with later messages, are no part of it. */
function signature(view: readonly NodeLine[]): string[] {
  return view
    .map(
      ({ address, primaryId, slots }) =>
        `${address} ${primaryId ?? 'primary'} ${slots.map(spanText).join(' ')}`,
    )
    .toSorted();
}

function checkSame(
  running: readonly Member[],
  i: number,
  expected: readonly string[],
  found: readonly string[],
): void {
  const at = found.findIndex((line, j) => line !== expected[j]);
  if (at === -1) return;
  const [first, other] = [running[0]?.address, running[i]?.address];
  throw new HarnessError(`${first} says "${expected[at]}", but ${other} says "${found[at]}"`);
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
export async function checkCopy(replica: Member, primary: Member): Promise<void> {
  const fields = parseFields(await replica.text('INFO', 'replication'));
  const link = fields.get('master_link_status');
  const followed = `${fields.get('master_host')}:${fields.get('master_port')}`;
  if (fields.get('role') !== 'slave' || link !== 'up' || followed !== primary.address) {
    const does = fields.get('role') === 'slave' ? `follows ${followed}, link ${link}` : 'is a primary';
    throw new HarnessError(`${replica.address} should be a copy of ${primary.address}, but ${does}`);
  }
}

/** The same question for nodes without cluster mode: the replicas that run are copies of the primary. */
export async function inspectStandalone(members: readonly Member[]): Promise<void> {
  const primary = members.find(({ role }) => role === 'primary');
  if (!primary?.isRunning) throw new HarnessError('the primary is not running');
  const fields = parseFields(await primary.text('INFO', 'replication'));
  if (fields.get('role') !== 'master') throw new HarnessError(`${primary.address} is not a primary`);
  const replicas = members.filter((member) => member.isRunning && member !== primary);
  await Promise.all(replicas.map((replica) => checkCopy(replica, primary)));
}
