import type { Random } from '../support/index.js';
import type { RefreshTrigger } from './refresh-trigger.js';

/** Time between two refreshes while a shard has no primary that can be used, in milliseconds, before jitter. */
export const TROUBLE_GAP_MS = 60;
/**
 * Nodes asked by each of those: one, drawn by lot. A promotion is told to all nodes at once, so any of them knows. 1,000
 * clients ask 17,000 questions a second, spread over all nodes of the cluster.
 */
export const NODES_ASKED_IN_TROUBLE = 1;
/** Trouble that lasts for more rounds than this (about half a minute) is no failover: the gap doubles from here on. */
const QUICK_ROUNDS = 500;
const MAX_TROUBLE_GAP_MS = 2_000;
/** What is asked for again and again comes more seldom in clusters of more nodes than this: so much longer is the answer. */
const LARGE_CLUSTER_NODES = 100;
/** Smaller clusters are asked at once: few clients have few nodes. */
const SMALL_CLUSTER_NODES = 10;
const SPREAD_PER_NODE_MS = 5;
const MAX_SPREAD_MS = 5_000;

const NOBODY_WAITS: ReadonlySet<RefreshTrigger> = new Set(['moved', 'ask', 'hint', 'linkLost', 'suspect']);

/**
 * Whether no call waits for what a refresh can bring: a slot that moved is known already, and where a shard has no
 * primary that can be used another rate applies anyway.
 */
export function canWait(trigger: RefreshTrigger): boolean {
  return NOBODY_WAITS.has(trigger);
}

/** A time between refreshes that come one after the other, for a cluster of so many nodes. */
export function stretchedMs(ms: number, nodes: number): number {
  return ms * Math.max(1, nodes / LARGE_CLUSTER_NODES);
}

/**
 * The time until the next refresh while a shard has no usable primary: about {@link TROUBLE_GAP_MS}, so that a
 * promotion is seen soon; longer in a large cluster, and when trouble does not end.
 * @param rounds - refreshes since the trouble began
 */
export function troubleGapMs(rounds: number, nodes: number, random: Random): number {
  const doublings = Math.max(0, Math.floor((rounds - QUICK_ROUNDS) / 10));
  const gapMs = Math.min(
    MAX_TROUBLE_GAP_MS,
    stretchedMs(TROUBLE_GAP_MS, nodes) * 2 ** Math.min(doublings, 10),
  );
  return gapMs * (0.75 + 0.5 * random());
}

/**
 * How long a refresh is put off beside what its rate allows. What happens to a cluster is noticed by all of its clients
 * at the same time, and the larger it is, the more there are, and the longer is the answer: so what nobody waits for is
 * spread, the wider the larger the cluster is.
 */
export function spreadMs(trigger: RefreshTrigger, nodes: number, random: Random): number {
  if (!canWait(trigger) || nodes <= SMALL_CLUSTER_NODES) return 0;
  return random() * Math.min(MAX_SPREAD_MS, (nodes - SMALL_CLUSTER_NODES) * SPREAD_PER_NODE_MS);
}
