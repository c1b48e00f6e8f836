import type { Shard, TopologyNode } from '../topology/index.js';

/** What a read policy of one's own is asked. */
export interface ReadChoice {
  readonly shard: Shard;
  readonly slot: number;
  /** Lower case: `get`, `hgetall`. */
  readonly command: string;
}

/**
 * Chooses who answers a read: the shard's nodes in the order in which they shall be tried. Nodes left out are not
 * used for this read; nodes of other shards are ignored. Called for every read, so it should be quick.
 * @public
 */
export type ReadPolicy = (choice: ReadChoice) => readonly TopologyNode[];

/**
 * - `'primary'`: only the shard's primary; what was written is read.
 * - `'preferReplica'`: the replicas in turn; the primary when none of them can be used. May read what is a moment old.
 * - `'replica'`: the replicas in turn, and never the primary.
 * @public
 */
export type ReadPolicyName = 'primary' | 'preferReplica' | 'replica';

/** Every shipped policy. */
export const READ_POLICY_NAMES: readonly ReadPolicyName[] = ['primary', 'preferReplica', 'replica'];
