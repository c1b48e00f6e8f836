import type { AnswersObservation } from './observation.js';
import { LEADERLESS, type Roll } from './roll.js';
import { type Claim, isFresh } from './topology-state.js';
import type { Evidence } from './weigh-words.js';

/** What a round of views leaves of the claims. */
export interface JudgedClaims {
  /** Those that hold on, in their order. */
  readonly kept: readonly Claim[];
  /** Those of them that the views contradict: to be put in force again. */
  readonly against: readonly Claim[];
}

/**
 * Judges MOVEDs that were followed by what the views say now; `owners` is the verdict of the views.
 *
 * A claim that is newer than the questions stands. Another ends
 * - when it is stale;
 * - when several nodes answered and all say the same;
 * - when the node that it names says that it does not own the slot, unless the views name one that has sent the slot away
 *   itself and does not claim it now: then nobody knows better;
 * - when the node that it names leads with a lower epoch than another that claims the slot;
 * - when the node that it names is out of reach, and the owner that the views name is not.
 */
export function judgeClaims(
  claims: readonly Claim[],
  owners: Uint16Array,
  roll: Roll,
  evidence: Evidence,
  { askedAtMs, atMs }: AnswersObservation,
): JudgedClaims {
  const kept: Claim[] = [];
  const against: Claim[] = [];
  for (const claim of claims) {
    if (!isFresh(claim, atMs)) continue;
    const named = roll.enter(claim.to);
    const owner = owners[claim.slot]!;
    const isNewer = claim.atMs > askedAtMs;
    if (owner === named) {
      if (isNewer || !isConfirmed(claim.slot, named, evidence)) kept.push(claim);
    } else if (isNewer || holds(claim, named, owner, roll, evidence)) {
      kept.push(claim);
      against.push(claim);
    }
  }
  return kept.length === claims.length ? { kept: claims, against } : { kept, against };
}

/** The word of the named node alone does not do: the next round may ask others, who have not heard of it yet. */
function isConfirmed(slot: number, named: number, { ballots }: Evidence): boolean {
  return ballots.length > 1 && ballots.every(({ owners }) => owners[slot] === named);
}

function holds(
  { slot, disowned }: Claim,
  named: number,
  owner: number,
  roll: Roll,
  { words, provenEpoch, isUnreachable }: Evidence,
): boolean {
  const word = words.get(named);
  const ownersWord = words.get(owner);
  const isClaimedByOwner = ownersWord?.owners[slot] === owner;
  if (word === undefined) return !isUnreachable(named) || owner >= LEADERLESS || isUnreachable(owner);
  if (word.owners[slot] !== named) {
    const address = roll.addressOf(owner);
    return address !== undefined && disowned.includes(address) && !isClaimedByOwner;
  }
  const { ownEpoch } = word.view;
  const rivalEpoch = isClaimedByOwner ? ownersWord.view.ownEpoch : provenEpoch(owner);
  return ownEpoch === undefined || rivalEpoch === undefined || rivalEpoch <= ownEpoch;
}
