import { buildTopology } from './build-topology.js';
import type { ClusterTopology, TopologyMode } from './cluster-topology.js';
import { judgeCluster } from './judge-cluster.js';
import { judgeReplication } from './judge-replication.js';
import type { Answer, AnswersObservation, MovedObservation, Observation } from './observation.js';
import {
  type Claim,
  CLAIM_FRESH_MS,
  initialState,
  isFresh,
  MAX_CLAIMS,
  MAX_DISOWNED,
  type ProvenEpoch,
  type TopologyState,
} from './topology-state.js';
import { withMoved } from './with-moved.js';

/**
 * What is known after an observation. Pure; the rules are in docs/adr/0007-who-is-believed.md.
 *
 * The topology's version is one higher exactly when anything in it changed, and what did not change is shared with the
 * topology before. `state` itself comes back when nothing was learned.
 *
 * @throws {@link InvalidArgumentError} when a MOVED names an address that is not of the form `formatAddress` gives
 */
export function advance(state: TopologyState, observation: Observation): TopologyState {
  if (observation.kind === 'answers') return hear(state, observation);
  if (observation.kind === 'moved') return follow(state, observation);
  // ASK is for one key of a slot that is on its way: the slot stays where it is until a MOVED says otherwise.
  return state;
}

/**
 * The nodes that can settle what is in doubt, the newest doubt first: they should be among those that are asked next.
 * Empty when nothing is in doubt.
 */
export function witnessesOf({ claims }: TopologyState, nowMs: number): readonly string[] {
  const fresh = claims.filter((claim) => isFresh(claim, nowMs)).toReversed();
  return [...new Set([...fresh.map(({ to }) => to), ...fresh.flatMap(({ disowned }) => disowned)])];
}

/** Cluster mode disabled: no MOVED, and no epochs. */
const NOTHING_ELSE = initialState;

function hear(state: TopologyState, observation: AnswersObservation): TopologyState {
  // A node that was reset or forgotten knows of no slots: its view says nothing of the deployment.
  const answers = observation.answers.filter(({ view }) => view.shards.some(({ slots }) => slots.length > 0));
  if (answers.length === 0) return state;
  const mode = modeOf(answers, state.topology);
  const told = answers.filter(({ view }) => view.mode === mode);
  if (mode === 'standalone') {
    const view = judgeReplication(state.topology, told);
    return view === undefined
      ? state
      : succeed(state, { ...NOTHING_ELSE, topology: buildTopology(view, state.topology) });
  }
  const judged = judgeCluster(state, { ...observation, answers: told });
  const topology = buildTopology(judged.view, state.topology);
  const { claims, heardEpoch } = judged;
  return succeed(state, { topology, claims, heardEpoch, epochs: proofsAfter(state, judged.told, topology) });
}

function follow(state: TopologyState, { slot, to, from, atMs }: MovedObservation): TopologyState {
  // A node that sends a slot to itself says nothing.
  if (to === from) return state;
  const last = findClaim(state.claims, slot);
  const standing = last !== undefined && isFresh(last, atMs) ? last : undefined;
  const isRepeated = standing?.to === to;
  if (isRepeated && standing.disowned.includes(from) && atMs - standing.atMs < CLAIM_FRESH_MS / 2) {
    const topology = withMoved(state.topology, slot, to);
    return topology === state.topology ? state : { ...state, topology };
  }
  const disowned = addDisowned(standing?.disowned ?? [], from);
  const isCircle =
    standing !== undefined &&
    !isRepeated &&
    (standing.disowned.includes(to) || standing.disowned.length >= MAX_DISOWNED);
  const claim: Claim = Object.freeze({ slot, to: isCircle ? standing.to : to, disowned, atMs });
  const topology = isCircle ? state.topology : withMoved(state.topology, slot, to);
  return { ...state, topology, claims: replaceClaim(state.claims, last, claim) };
}

/** Runs for every MOVED of a resharding: plain loops. */
function findClaim(claims: readonly Claim[], slot: number): Claim | undefined {
  for (let i = claims.length - 1; i >= 0; i--) if (claims[i]!.slot === slot) return claims[i];
  return undefined;
}

/** The claims without `old` and those that are stale by the time of `claim`, which comes last. */
function replaceClaim(claims: readonly Claim[], old: Claim | undefined, claim: Claim): readonly Claim[] {
  let start = Math.max(0, claims.length + (old === undefined ? 1 : 0) - MAX_CLAIMS);
  while (start < claims.length && !isFresh(claims[start]!, claim.atMs)) start++;
  const kept = claims.slice(start);
  const at = old === undefined ? -1 : kept.indexOf(old);
  if (at !== -1) kept.splice(at, 1);
  kept.push(claim);
  return kept;
}

function addDisowned(disowned: readonly string[], from: string): readonly string[] {
  return disowned.includes(from) || disowned.length >= MAX_DISOWNED ? disowned : [...disowned, from];
}

/** The mode that most answers are of; between equals the one in force. */
function modeOf(answers: readonly Answer[], topology: ClusterTopology): TopologyMode {
  const standalone = answers.filter(({ view }) => view.mode === 'standalone').length;
  const lead = 2 * standalone - answers.length;
  if (lead === 0) return topology.mode;
  return lead > 0 ? 'standalone' : 'cluster';
}

/** What the primaries of `topology` have proved so far. */
function proofsAfter(
  { epochs }: TopologyState,
  told: ReadonlyMap<string, ProvenEpoch>,
  { shards }: ClusterTopology,
): ReadonlyMap<string, ProvenEpoch> {
  const proofs = new Map<string, ProvenEpoch>();
  let isSame = true;
  for (const { primary } of shards) {
    if (primary === undefined) continue;
    const { address, nodeId } = primary;
    const before = epochs.get(address);
    const now = told.get(address);
    const known = [before, now].filter((proof) => proof !== undefined && proof.nodeId === nodeId);
    const newest = known.reduce((a, b) => (b!.epoch > a!.epoch ? b : a), known[0]);
    if (newest !== before) isSame = false;
    if (newest !== undefined) proofs.set(address, newest);
  }
  return isSame && proofs.size === epochs.size ? epochs : proofs;
}

function succeed(state: TopologyState, next: TopologyState): TopologyState {
  const isSame =
    next.topology === state.topology &&
    next.epochs === state.epochs &&
    next.heardEpoch === state.heardEpoch &&
    next.claims.length === state.claims.length &&
    next.claims.every((claim, i) => claim === state.claims[i]);
  return isSame ? state : next;
}
