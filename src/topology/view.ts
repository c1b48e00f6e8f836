import type { AvailabilityZone, NodeHealth, UnusableNode } from './node.js';
import type { SlotRange } from './slot-range.js';
import type { TopologyMode } from './cluster-topology.js';

/** The command whose reply a view was read from. */
export type ViewSource = 'CLUSTER SHARDS' | 'CLUSTER SLOTS' | 'INFO replication' | 'ROLE';

/** A node as one reply tells of it. */
export interface NodeView {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly tlsHostname?: string;
  readonly nodeId?: string;
  readonly health: NodeHealth;
  readonly availabilityZone?: AvailabilityZone;
  /** Bytes. Changes all the time, so it stays in the view: a topology that held it would never be equal to the last. */
  readonly replicationOffset?: number;
  readonly ip?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A shard as one reply tells of it. */
export interface ShardView {
  /** The shard's id, where the server tells one. */
  readonly id?: string;
  /** Ascending, joined. */
  readonly slots: readonly SlotRange[];
  readonly primary?: NodeView;
  readonly replicas: readonly NodeView[];
}

/** What one node's reply says of the whole deployment, checked: no slot and no node is in two shards. */
export interface TopologyView {
  readonly source: ViewSource;
  readonly mode: TopologyMode;
  readonly shards: readonly ShardView[];
  readonly unusable: readonly UnusableNode[];
  /** The cluster's current epoch as the asked node knows it, where the asker found it out. */
  readonly epoch?: number;
  /** The configuration epoch with which the asked node, or its primary, leads its shard; 0 if it never won one. */
  readonly ownEpoch?: number;
  /** False when the asked node holds the cluster to be down: it is cut off, or slots are uncovered. */
  readonly isClusterOk?: boolean;
}

/** All nodes of a shard, the primary first. */
export function nodesOf({ primary, replicas }: ShardView): readonly NodeView[] {
  return primary === undefined ? replicas : [primary, ...replicas];
}

/** Fills in the zones that the servers did not tell. What they told is kept. */
export function withZones(
  view: TopologyView,
  zoneOf: (node: NodeView) => AvailabilityZone | undefined,
): TopologyView {
  const place = (node: NodeView): NodeView => {
    const availabilityZone = node.availabilityZone ?? zoneOf(node);
    return availabilityZone === undefined ? node : { ...node, availabilityZone };
  };
  return {
    ...view,
    shards: view.shards.map((shard) => ({
      ...shard,
      ...(shard.primary === undefined ? {} : { primary: place(shard.primary) }),
      replicas: shard.replicas.map(place),
    })),
  };
}
