import {
  buildTopology,
  type ClusterTopology,
  formatAddress,
  type NodeView,
  parseAddress,
  type ShardView,
  type SlotRange,
  type TopologyView,
} from '../../../src/topology/index.js';

/** `'0-99'` or `'7'`. */
function range(text: string): SlotRange {
  const [first, last = first] = text.split('-').map(Number);
  return { first: first!, last: last! };
}

/** A node as a view shows it; its id is `id-` and its port. */
export function nodeView(address: string, over: Partial<NodeView> = {}): NodeView {
  const { host, port } = parseAddress(address);
  return {
    address: formatAddress(host, port),
    host,
    port,
    nodeId: `id-${port}`,
    health: 'online',
    metadata: {},
    ...over,
  };
}

/** A shard of nodes on `node:<port>`: the first port is that of the primary. */
export function shardView(
  slots: readonly string[],
  ports: readonly number[],
  over: Partial<ShardView> = {},
): ShardView {
  const [primary, ...replicas] = ports.map((port) => nodeView(`node:${port}`));
  return { slots: slots.map(range), ...(primary === undefined ? {} : { primary }), replicas, ...over };
}

export function clusterView(shards: readonly ShardView[], over: Partial<TopologyView> = {}): TopologyView {
  return { source: 'CLUSTER SHARDS', mode: 'cluster', shards, unusable: [], ...over };
}

/** Three shards, each with one replica: primaries on ports 1 to 3, replicas on 11 to 13. */
export const threeShards: TopologyView = clusterView([
  shardView(['0-5460'], [1, 11]),
  shardView(['5461-10922'], [2, 12]),
  shardView(['10923-16383'], [3, 13]),
]);

export function threeShardTopology(): ClusterTopology {
  return buildTopology(threeShards);
}
