import { type Ballot, sameOwners } from './ballot.js';
import { isSound } from './elect.js';
import { LEADERLESS } from './roll.js';
import { SLOT_COUNT } from './slot.js';

/** What a verdict on the slots is made from. */
export interface Evidence {
  readonly ballots: readonly Ballot[];
  /** The ballots of nodes that their own views show, by their own numbers. */
  readonly words: ReadonlyMap<number, Ballot>;
  /** The ballot that most nodes agree with. */
  readonly elected: Ballot;
  /** Who served each slot until now. */
  readonly inForce: Uint16Array;
  /** The configuration epoch that a primary has proved, by number. */
  readonly provenEpoch: (node: number) => number | undefined;
  /** The current epoch of the view in force, for nodes that it named and that are still there. */
  readonly heardEpoch: (node: number) => number | undefined;
  readonly isUnreachable: (node: number) => boolean;
}

/**
 * Who serves each slot, by number: what most nodes say, corrected by those who know better.
 *
 * 1. What a primary proved, and what a view told, holds against views that are older.
 * 2. A node that says that it owns a slot is heard against those who name another, see {@link isBelieved}.
 * 3. A node that says that it does not own a slot is heard too: the slot is whose it says it is.
 * 4. Where all of them name a node that is out of reach, a view that is no older and names another is believed.
 *
 * Gives `elected.owners` itself when nothing is corrected.
 */
export function weighWords(evidence: Evidence): Uint16Array {
  const { ballots, elected } = evidence;
  const dissenters = ballots.filter(({ owners }) => !sameOwners(owners, elected.owners));
  let owners = holdToProof(evidence);
  if (dissenters.length === 0 && owners === elected.owners) return owners;
  owners = hearClaimants(evidence, dissenters, owners);
  owners = hearDisowners(evidence, owners);
  return replaceUnreachable(evidence, owners);
}

/** Views that have not heard of the epoch with which the primary in force leads, or was told of, cannot know that it leads. */
function holdToProof({ ballots, words, elected, inForce, provenEpoch, heardEpoch }: Evidence): Uint16Array {
  if (sameOwners(inForce, elected.owners)) return elected.owners;
  return correct(elected.owners, (slot, owner) => {
    const holder = inForce[slot]!;
    if (holder === owner || holder >= LEADERLESS) return owner;
    const proof = Math.max(provenEpoch(holder) ?? -1, heardEpoch(holder) ?? -1);
    const word = words.get(holder);
    if (proof === -1 || (word !== undefined && word.owners[slot] !== holder)) return owner;
    const opponents = ballots.filter(({ owners }) => owners[slot] === owner);
    return areOlderThan(proof, opponents) ? holder : owner;
  });
}

function hearClaimants(evidence: Evidence, dissenters: readonly Ballot[], before: Uint16Array): Uint16Array {
  const claimants = dissenters.filter(({ self }) => self !== undefined);
  if (claimants.length === 0) return before;
  return correct(before, (slot, owner) => {
    let chosen: Ballot | undefined;
    for (const claimant of claimants) {
      if (claimant.self === owner || claimant.owners[slot] !== claimant.self) continue;
      if (chosen !== undefined && (claimant.view.ownEpoch ?? -1) <= (chosen.view.ownEpoch ?? -1)) continue;
      if (isBelieved(claimant, slot, owner, evidence)) chosen = claimant;
    }
    return chosen?.self ?? owner;
  });
}

/**
 * Whether the claim of a node to own a slot is believed against those who name another. It is
 * - against another that claims the slot too: when it leads with the higher epoch, as in the cluster itself;
 * - against another that says that it does not own the slot;
 * - when it leads with an epoch that those who name the other have not heard of, or have heard of only through the vote
 *   for it: no two nodes lead with one epoch;
 * - when the other is out of reach, and those who name it are no newer than the claim.
 *
 * An old primary that comes back from a hang or a cut claims what it had, with the epoch that it had: not believed.
 */
function isBelieved(
  claimant: Ballot,
  slot: number,
  other: number,
  { ballots, words, provenEpoch, isUnreachable }: Evidence,
): boolean {
  const { ownEpoch } = claimant.view;
  const proof = provenEpoch(other);
  if (ownEpoch !== undefined && proof !== undefined && proof > ownEpoch) return false;
  const word = words.get(other);
  if (word !== undefined) {
    if (word.owners[slot] !== other) return true;
    return ownEpoch !== undefined && word.view.ownEpoch !== undefined && ownEpoch > word.view.ownEpoch;
  }
  const opponents = ballots.filter(({ owners }) => owners[slot] === other);
  const newest = newestEpoch(opponents);
  if (ownEpoch && newest !== undefined && ownEpoch >= newest) return true;
  // Nobody but the memory of its proof speaks for the other.
  if (ownEpoch !== undefined && proof !== undefined && areOlderThan(proof, opponents)) return true;
  return (other >= LEADERLESS || isUnreachable(other)) && isNoOlder(claimant, opponents, newest);
}

function hearDisowners({ words }: Evidence, before: Uint16Array): Uint16Array {
  return correct(before, (slot, owner) => {
    const heir = words.get(owner)?.owners[slot] ?? owner;
    if (heir === owner || heir === LEADERLESS) return owner;
    // Nobody's word is good when the heir does not want the slot either: it stays where it is.
    const heirsWord = words.get(heir);
    return heirsWord === undefined || heirsWord.owners[slot] === heir ? heir : owner;
  });
}

function replaceUnreachable({ ballots, words, isUnreachable }: Evidence, before: Uint16Array): Uint16Array {
  return correct(before, (slot, owner) => {
    if (owner >= LEADERLESS || !isUnreachable(owner)) return owner;
    const opponents = ballots.filter(({ owners }) => owners[slot] === owner);
    const newest = newestEpoch(opponents);
    let chosen: Ballot | undefined;
    for (const ballot of ballots) {
      const named = ballot.owners[slot]!;
      if (named === owner || named >= LEADERLESS || isUnreachable(named)) continue;
      // What the named node says of itself was heard before.
      if (words.has(named) || !isNoOlder(ballot, opponents, newest)) continue;
      if (chosen === undefined || (ballot.view.epoch ?? 0) > (chosen.view.epoch ?? 0)) chosen = ballot;
    }
    return chosen?.owners[slot] ?? owner;
  });
}

/** Whether a ballot may know something that these do not. Where epochs are not told, it may. */
function isNoOlder(ballot: Ballot, opponents: readonly Ballot[], newest: number | undefined): boolean {
  if (!isSound(ballot) && opponents.some(isSound)) return false;
  const { epoch } = ballot.view;
  return epoch === undefined || newest === undefined || epoch >= newest;
}

/** `undefined` when there are none, or one of them does not tell its epoch. */
function newestEpoch(ballots: readonly Ballot[]): number | undefined {
  let newest: number | undefined;
  for (const { view } of ballots) {
    if (view.epoch === undefined) return undefined;
    newest = Math.max(newest ?? 0, view.epoch);
  }
  return newest;
}

/** Whether none of these has heard of `epoch`. */
function areOlderThan(epoch: number, ballots: readonly Ballot[]): boolean {
  return ballots.every(({ view }) => view.epoch !== undefined && view.epoch < epoch);
}

/** A table with other owners where `judge` says so; the same table when it never does. */
function correct(owners: Uint16Array, judge: (slot: number, owner: number) => number): Uint16Array {
  let corrected: Uint16Array | undefined;
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const owner = owners[slot]!;
    const judged = judge(slot, owner);
    if (judged === owner) continue;
    corrected ??= owners.slice();
    corrected[slot] = judged;
  }
  return corrected ?? owners;
}
