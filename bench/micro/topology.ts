import { RouteTable } from '../../src/routing/index.js';
import {
  buildTopology,
  type ClusterTopology,
  diffTopologies,
  parseClusterShards,
  parseClusterSlots,
  type TopologyView,
  withMoved,
} from '../../src/topology/index.js';
import type { Row } from '../timing.js';

const SHARDS = 500;
const NODES_PER_SHARD = 3;
const SLOTS = 16_384;
const RUNS = 41;
const MAX_MS = 10;
const ASKED = { askedHost: '10.0.0.1', tls: false };

const host = (shard: number, node: number): string => `10.${node}.${shard >> 8}.${shard & 255}`;
const nodeId = (shard: number, node: number): string => `${shard * NODES_PER_SHARD + node}`.padStart(40, 'f');
const firstSlot = (shard: number): number => Math.floor((shard * SLOTS) / SHARDS);
const each = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** As a link's decoder hands it over. `promoted`: the shard in which the first replica is primary. */
function shardsReply(promoted: number): unknown {
  return each(SHARDS, (shard) => [
    'slots',
    [firstSlot(shard), firstSlot(shard + 1) - 1],
    'nodes',
    each(NODES_PER_SHARD, (node) => [
      'id',
      nodeId(shard, node),
      'port',
      6379,
      'ip',
      host(shard, node),
      'endpoint',
      host(shard, node),
      'role',
      node === (shard === promoted ? 1 : 0) ? 'master' : 'replica',
      'replication-offset',
      1_000_000 + shard,
      'health',
      'online',
    ]),
  ]);
}

function slotsReply(promoted: number): unknown {
  return each(SHARDS, (shard) => {
    const nodes = each(NODES_PER_SHARD, (node) => [host(shard, node), 6379, nodeId(shard, node), []]);
    if (shard === promoted) nodes.reverse();
    return [firstSlot(shard), firstSlot(shard + 1) - 1, ...nodes];
  });
}

/** Parse, build (with the slot table), diff and route, in milliseconds; `promoted` differs from run to run. */
function succession(
  reply: (promoted: number) => unknown,
  parse: (reply: unknown, asked: typeof ASKED) => TopologyView,
): { first: number; median: number; best: number } {
  let topology: ClusterTopology | undefined;
  const figures = each(RUNS, (round) => {
    const answer = reply(round);
    const start = performance.now();
    const next = buildTopology(parse(answer, ASKED), topology);
    const facts = topology === undefined ? [] : diffTopologies(topology, next);
    const routes = new RouteTable(next, (node) => node.address);
    const tookMs = performance.now() - start;
    if (topology !== undefined && facts.length === 0) throw new Error('the failover was not seen');
    if (routes.primaryOf(0) === undefined) throw new Error('no route was found');
    topology = next;
    return tookMs;
  });
  const sorted = figures.toSorted((a, b) => a - b);
  return { first: figures[0]!, median: sorted[RUNS >> 1]!, best: sorted[0]! };
}

export function run(): readonly Row[] {
  const shards = succession(shardsReply, parseClusterShards);
  const slots = succession(slotsReply, parseClusterSlots);
  const size = `${SHARDS} x ${NODES_PER_SHARD} nodes`;

  let moved = buildTopology(parseClusterShards(shardsReply(-1), ASKED));
  const start = performance.now();
  for (let slot = 0; slot < SHARDS; slot++) moved = withMoved(moved, slot, '10.0.1.1:6379');
  const movedUs = ((performance.now() - start) * 1_000) / SHARDS;

  return [
    {
      name: `CLUSTER SHARDS, ${size}: parse, build, diff, route; first run`,
      value: shards.first,
      unit: 'ms',
    },
    { name: `CLUSTER SHARDS, ${size}: median`, value: shards.median, unit: 'ms', limit: MAX_MS },
    { name: `CLUSTER SHARDS, ${size}: best`, value: shards.best, unit: 'ms' },
    { name: `CLUSTER SLOTS, ${size}: parse, build, diff, route; first run`, value: slots.first, unit: 'ms' },
    { name: `CLUSTER SLOTS, ${size}: median`, value: slots.median, unit: 'ms', limit: MAX_MS },
    { name: `CLUSTER SLOTS, ${size}: best`, value: slots.best, unit: 'ms' },
    { name: `withMoved, one slot of ${size}`, value: movedUs, unit: 'us' },
  ];
}
