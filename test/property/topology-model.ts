import fc from 'fast-check';
import { expect } from 'vitest';
import {
  type ClusterTopology,
  parseClusterShards,
  parseClusterSlots,
  SLOT_COUNT,
  type TopologyView,
  UNCOVERED,
  uncoveredSlots,
} from '../../src/topology/index.js';

export const ASKED = { askedHost: '10.0.0.1', askedPort: 6379, tls: false };
export const MAX_SHARDS = 6;

/** Who owns each piece of the slots, and which of its nodes lead and live: enough to write any reply from. */
interface Layout {
  /** Ends of pieces, exclusive, ascending; and the owner of each piece, -1 for nobody. */
  readonly pieces: ReadonlyArray<readonly [end: number, owner: number]>;
  readonly shards: ReadonlyArray<{ readonly nodes: number; readonly leader: number; readonly sick: number }>;
}

export const layout: fc.Arbitrary<Layout> = fc
  .array(
    fc.record({
      nodes: fc.integer({ min: 1, max: 4 }),
      leader: fc.nat(3),
      sick: fc.integer({ min: -1, max: 3 }),
    }),
    { minLength: 1, maxLength: MAX_SHARDS },
  )
  .chain((shards) =>
    fc
      .array(
        fc.tuple(fc.integer({ min: 1, max: SLOT_COUNT }), fc.integer({ min: -1, max: shards.length - 1 })),
        {
          maxLength: 24,
        },
      )
      .map((pieces) => ({ pieces: pieces.toSorted((a, b) => a[0] - b[0]), shards })),
  );

export const address = (shard: number, node: number): string => `10.0.${shard}.${node}`;

/** Ranges of every shard, one per piece: not joined, as no reply has to be. */
function rangesOf({ pieces, shards }: Layout): ReadonlyArray<ReadonlyArray<readonly [number, number]>> {
  const ranges: Array<Array<readonly [number, number]>> = shards.map(() => []);
  let start = 0;
  for (const [end, owner] of pieces) {
    if (end > start && owner !== -1) ranges[owner]!.push([start, end - 1]);
    start = Math.max(start, end);
  }
  return ranges;
}

export function ownersOf(cluster: Layout): Int16Array {
  const owners = new Int16Array(SLOT_COUNT).fill(-1);
  rangesOf(cluster).forEach((ranges, shard) => {
    for (const [first, last] of ranges) owners.fill(shard, first, last + 1);
  });
  return owners;
}

export function shardsReply(cluster: Layout): unknown {
  const ranges = rangesOf(cluster);
  return cluster.shards.map(({ nodes, leader, sick }, shard) => [
    'slots',
    ranges[shard]!.flat(),
    'nodes',
    Array.from({ length: nodes }, (_, node) => [
      ['id', `${shard}-${node}`, 'port', 6379, 'ip', address(shard, node), 'endpoint', address(shard, node)],
      ['role', node === leader % nodes ? 'master' : 'replica', 'health', node === sick ? 'fail' : 'online'],
    ]).map((parts) => parts.flat()),
  ]);
}

export function slotsReply(cluster: Layout): unknown {
  return rangesOf(cluster).flatMap((ranges, shard) => {
    const { nodes, leader } = cluster.shards[shard]!;
    const primary = leader % nodes;
    const order = [
      primary,
      ...Array.from({ length: nodes }, (_, node) => node).filter((node) => node !== primary),
    ];
    const told = order.map((node) => [address(shard, node), 6379, `${shard}-${node}`, []]);
    return ranges.map(([first, last]) => [first, last, ...told]);
  });
}

export const view: fc.Arbitrary<TopologyView> = fc.oneof(
  layout.map((cluster) => parseClusterShards(shardsReply(cluster), ASKED)),
  layout.map((cluster) => parseClusterSlots(slotsReply(cluster), ASKED)),
);

/** What must be true of every topology, however it came to be. */
export function expectSound(topology: ClusterTopology): void {
  const owners = new Uint16Array(SLOT_COUNT).fill(UNCOVERED);
  topology.shards.forEach((shard, index) => {
    expect(shard.index).toBe(index);
    for (const { first, last } of shard.slots) {
      const isFree = owners.subarray(first, last + 1).every((owner) => owner === UNCOVERED);
      expect(isFree, `slots ${first} to ${last} belong to one shard`).toBe(true);
      owners.fill(index, first, last + 1);
    }
    const own = [...(shard.primary === undefined ? [] : [shard.primary]), ...shard.replicas];
    for (const node of own) {
      expect(node.shardIndex).toBe(index);
      expect(node.role).toBe(node === shard.primary ? 'primary' : 'replica');
      expect(topology.nodeAt(node.address)).toBe(node);
    }
  });
  expect(sameBytes(owners, topology.slotTable), 'the slot table says what the shards say').toBe(true);
  for (const { first, last } of uncoveredSlots(topology)) owners.fill(0, first, last + 1);
  expect(owners.includes(UNCOVERED), 'every slot is covered or told as uncovered').toBe(false);
  const addresses = topology.nodes.map((node) => node.address);
  expect(new Set(addresses).size).toBe(addresses.length);
  const ids = topology.shards.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
}

/** As fast as the slots are many; `toEqual` is not. */
const sameBytes = (a: Uint16Array, b: Uint16Array): boolean =>
  Buffer.from(a.buffer).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
