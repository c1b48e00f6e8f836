import { type Ballot, castBallots, ownersOf, sameOwners } from './ballot.js';
import type { ClusterTopology } from './cluster-topology.js';
import { elect, isSound } from './elect.js';
import { judgeClaims } from './judge-claims.js';
import type { AnswersObservation } from './observation.js';
import { Roll } from './roll.js';
import { SLOT_COUNT } from './slot.js';
import type { Claim, ProvenEpoch, TopologyState } from './topology-state.js';
import { type NodeView, nodesOf, type ShardView, type TopologyView } from './view.js';
import { ViewDraft } from './view-draft.js';
import { type Evidence, weighWords } from './weigh-words.js';

/** What a round of views comes to. */
export interface Judgement {
  readonly view: TopologyView;
  readonly claims: readonly Claim[];
  /** Configuration epochs that nodes told of themselves or of their primaries in this round, by the primary's address. */
  readonly told: ReadonlyMap<string, ProvenEpoch>;
  /** The current epoch of the view that is in force now. */
  readonly heardEpoch: number | undefined;
}

/** Judges views of a cluster: who serves which slots by {@link weighWords} and {@link judgeClaims}; all else as elected. */
export function judgeCluster(state: TopologyState, observation: AnswersObservation): Judgement {
  const { answers, unreachable } = observation;
  const roll = new Roll();
  const ballots = castBallots(answers, roll);
  const inForce = ownersOf(state.topology.shards, roll);
  const elected = elect(ballots, inForce);
  const words = new Map(ballots.flatMap((each) => (each.self === undefined ? [] : [[each.self, each]])));
  const lost = new Set(unreachable);
  // Looked at only where nodes disagree with what is in force.
  let proofs: ReturnType<typeof proofsOf> | undefined;
  let familiar: ReturnType<typeof familiarPrimaries> | undefined;
  const evidence: Evidence = {
    ballots,
    words,
    elected,
    inForce,
    provenEpoch(node) {
      proofs ??= proofsOf(state, roll, ballots);
      return proofs.get(node);
    },
    heardEpoch(node) {
      familiar ??= familiarPrimaries(state.topology, roll, ballots);
      return familiar.has(node) ? state.heardEpoch : undefined;
    },
    isUnreachable(node) {
      const address = roll.addressOf(node);
      return address !== undefined && lost.has(address) && !words.has(node);
    },
  };
  const owners = weighWords(evidence);
  const { kept, against } = judgeClaims(state.claims, owners, roll, evidence, observation);
  const told = tellEpochs(ballots);
  const heardEpoch = epochAfter(state, elected, owners, sameOwners(owners, inForce));
  const rest = { claims: kept, told, heardEpoch };
  if (owners === elected.owners && against.length === 0) return { view: elected.view, ...rest };

  const draft = new ViewDraft(elected.view);
  for (const [owner, slots] of differences(elected.owners, owners)) {
    const address = roll.addressOf(owner);
    if (address === undefined) draft.uncover(slots);
    else draft.giveToKnown(slots, address, shardLedBy(address, words.get(owner), ballots, state.topology));
  }
  for (const [address, slots] of slotsByNode(against)) draft.giveToNamed(slots, address);
  return { view: draft.finish(), ...rest };
}

/** Only a view that is put in force as it is, and does not hold the cluster to be down, dates what is known. */
function epochAfter(
  { heardEpoch }: TopologyState,
  elected: Ballot,
  owners: Uint16Array,
  isSame: boolean,
): number | undefined {
  const { epoch } = elected.view;
  if (owners !== elected.owners || !isSound(elected)) return heardEpoch;
  // An older view that says the same takes nothing away from what is known.
  return isSame ? Math.max(heardEpoch ?? 0, epoch ?? 0) || undefined : epoch;
}

/** The slots that change hands, by their new owner. */
function differences(before: Uint16Array, after: Uint16Array): ReadonlyMap<number, readonly number[]> {
  const slots = new Map<number, number[]>();
  if (before === after) return slots;
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const owner = after[slot]!;
    if (owner === before[slot]) continue;
    const list = slots.get(owner);
    if (list === undefined) slots.set(owner, [slot]);
    else list.push(slot);
  }
  return slots;
}

function slotsByNode(claims: readonly Claim[]): ReadonlyMap<string, readonly number[]> {
  const slots = new Map<string, number[]>();
  for (const { to, slot } of claims) {
    const list = slots.get(to);
    if (list === undefined) slots.set(to, [slot]);
    else list.push(slot);
  }
  return slots;
}

/** The shard of a primary as it sees it itself, else as the newest view that knows it as primary, else as it was. */
function shardLedBy(
  address: string,
  word: Ballot | undefined,
  ballots: readonly Ballot[],
  topology: ClusterTopology,
): ShardView & { readonly primary: NodeView } {
  const newestFirst = ballots.toSorted((a, b) => (b.view.epoch ?? 0) - (a.view.epoch ?? 0));
  for (const { view } of word === undefined ? newestFirst : [word, ...newestFirst]) {
    for (const shard of view.shards) {
      if (shard.primary?.address === address) return { ...shard, primary: shard.primary };
    }
  }
  const node = topology.nodeAt(address)!;
  const { slots, replicas } = topology.shards[node.shardIndex]!;
  return { slots, primary: node, replicas };
}

/** What primaries have proved, by number; nothing for a node that is gone, or where another stands at its address. */
function proofsOf(
  { epochs }: TopologyState,
  roll: Roll,
  ballots: readonly Ballot[],
): ReadonlyMap<number, number> {
  const proofs = new Map<number, number>();
  if (epochs.size === 0) return proofs;
  for (const { view } of ballots) {
    for (const shard of view.shards) {
      for (const { address, nodeId } of nodesOf(shard)) {
        const proof = epochs.get(address);
        if (proof !== undefined && proof.nodeId === nodeId) proofs.set(roll.enter(address), proof.epoch);
      }
    }
  }
  return proofs;
}

/** The primaries in force that the ballots still show under their ids, by number. */
function familiarPrimaries(
  topology: ClusterTopology,
  roll: Roll,
  ballots: readonly Ballot[],
): ReadonlySet<number> {
  const familiar = new Set<number>();
  for (const { view } of ballots) {
    for (const shard of view.shards) {
      for (const { address, nodeId } of nodesOf(shard)) {
        const known = topology.nodeAt(address);
        if (known?.role === 'primary' && known.nodeId === nodeId) familiar.add(roll.enter(address));
      }
    }
  }
  return familiar;
}

/** A replica tells of its primary. */
function tellEpochs(ballots: readonly Ballot[]): ReadonlyMap<string, ProvenEpoch> {
  const told = new Map<string, ProvenEpoch>();
  for (const { view, ownShard } of ballots) {
    const primary = ownShard?.primary;
    if (view.ownEpoch === undefined || primary === undefined) continue;
    const epoch = Math.max(view.ownEpoch, told.get(primary.address)?.epoch ?? 0);
    told.set(primary.address, { nodeId: primary.nodeId, epoch });
  }
  return told;
}
