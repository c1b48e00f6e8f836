import { type Ballot, compareOwners, sameOwners } from './ballot.js';
import { NOBODY } from './roll.js';
import type { TopologyView } from './view.js';

/** Ballots that agree on who serves which slots. */
interface Camp {
  readonly ballots: Ballot[];
  /** Those of nodes that do not hold the cluster to be down. */
  soundVotes: number;
}

/**
 * The ballot that speaks for most of the nodes that were asked. Ballots agree when they name the same primaries for the
 * same slots; replicas and health may differ.
 *
 * A node that says itself that the cluster is down is cut off, or waits for news: its vote counts only where nobody
 * thinks better of the cluster. Between equal numbers of votes the higher epoch decides (a view without one counts as
 * epoch 0), then the fuller coverage, then what is in force, then an order that is always the same.
 */
export function elect(ballots: readonly Ballot[], inForce: Uint16Array): Ballot {
  const camps: Camp[] = [];
  for (const ballot of ballots) {
    let camp = camps.find(({ ballots: [first] }) => sameOwners(first!.owners, ballot.owners));
    if (camp === undefined) camps.push((camp = { ballots: [], soundVotes: 0 }));
    camp.ballots.push(ballot);
    if (isSound(ballot)) camp.soundVotes++;
  }
  const [first, ...rest] = camps.map((camp) => ({ ...camp, best: bestOf(camp) }));
  let winner = first!;
  for (const rival of rest) {
    const lead =
      rival.soundVotes - winner.soundVotes ||
      rival.ballots.length - winner.ballots.length ||
      epochOf(rival.best.view) - epochOf(winner.best.view) ||
      coverageOf(rival.best) - coverageOf(winner.best) ||
      Number(sameOwners(rival.best.owners, inForce)) - Number(sameOwners(winner.best.owners, inForce)) ||
      compareOwners(winner.best.owners, rival.best.owners);
    if (lead > 0) winner = rival;
  }
  return winner.best;
}

/** Whether a node can have the news at all: it does not say that the cluster is down. */
export function isSound({ view }: Ballot): boolean {
  return view.isClusterOk !== false;
}

/** The newest; the first given among equals. */
function bestOf({ ballots }: Camp): Ballot {
  return ballots.reduce((best, ballot) => (epochOf(ballot.view) > epochOf(best.view) ? ballot : best));
}

function epochOf(view: TopologyView): number {
  return view.epoch ?? 0;
}

function coverageOf({ owners }: Ballot): number {
  let covered = 0;
  for (const owner of owners) if (owner !== NOBODY) covered++;
  return covered;
}
