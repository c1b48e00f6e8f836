import type { SlotRange } from './slot-range.js';

/**
 * Where a node stands. A name (`us-east-1a`) means something in one account only, an id (`use1-az1`) in all of them:
 * never compare one with the other.
 * @public
 */
export interface AvailabilityZone {
  readonly name?: string;
  readonly id?: string;
}

/** @public */
export type NodeRole = 'primary' | 'replica';

/**
 * What the cluster says of a node, not what we saw of it: `'loading'` cannot serve yet (loading, syncing, or an old
 * primary that has not yet heard of its demotion), `'fail'` is held to be down.
 * @public
 */
export type NodeHealth = 'online' | 'loading' | 'fail';

/** One member of the deployment. Immutable. @public */
export interface TopologyNode {
  /** `host:port`, IPv6 in brackets, lower case: the node's identity everywhere. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** The name to verify the node's certificate against, when `host` is an IP address and the name is known. */
  readonly tlsHostname?: string;
  /** The node's own 40-digit id. Unknown when cluster mode is disabled. */
  readonly nodeId?: string;
  readonly role: NodeRole;
  /** Index of its shard in `topology.shards`. */
  readonly shardIndex: number;
  readonly health: NodeHealth;
  readonly availabilityZone?: AvailabilityZone;
  /** Its IP address, when the server told it beside a name. */
  readonly ip?: string;
  /** Text attributes the server told and Slotwise does not know. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A primary, its replicas, and the slots they serve. Immutable. @public */
export interface Shard {
  /** Place in `topology.shards`. Kept while no shard before it goes away. */
  readonly index: number;
  /** Kept for as long as the shard keeps any of its nodes: survives failovers and replacements. */
  readonly id: string;
  /** `undefined` when no node is known to be primary, or the one that is cannot be reached by any known address. */
  readonly primary: TopologyNode | undefined;
  /** In the order of their addresses. */
  readonly replicas: readonly TopologyNode[];
  /** Ascending, joined. Empty for a shard that serves no slots (yet, or any more). */
  readonly slots: readonly SlotRange[];
}

/** A node that the server named in a way that cannot be used. @public */
export interface UnusableNode {
  readonly nodeId?: string;
  /** Why, fit for a message. */
  readonly reason: string;
}
