import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../../../src/errors/index.js';
import {
  buildTopology,
  diffTopologies,
  emptyTopology,
  uncoveredSlots,
  withMoved,
} from '../../../src/topology/index.js';
import { clusterView, shardView, threeShards, threeShardTopology } from './views.js';

describe('withMoved', () => {
  it('changes nothing when the node is the primary of the slot already', () => {
    const before = threeShardTopology();
    expect(withMoved(before, 0, 'node:1')).toBe(before);
  });

  it("gives only that slot to another shard's primary", () => {
    const before = threeShardTopology();
    const after = withMoved(before, 100, 'node:3');
    expect(after.version).toBe(before.version + 1);
    expect(after.shardOf(100)?.primary?.address).toBe('node:3');
    expect(after.shards[0]!.slots).toEqual([
      { first: 0, last: 99 },
      { first: 101, last: 5460 },
    ]);
    expect(after.shards[2]!.slots).toEqual([
      { first: 100, last: 100 },
      { first: 10_923, last: 16_383 },
    ]);
    expect(after.shards[1]).toBe(before.shards[1]);
    expect(after.nodes).toEqual(before.nodes);
    expect(before.shardOf(100)?.index).toBe(0);
  });

  it('takes a move to a replica of the same shard for a failover, with all slots of the shard', () => {
    const before = threeShardTopology();
    const after = withMoved(before, 5461, 'node:12');
    expect(after.shards[1]!.primary).toMatchObject({ address: 'node:12', role: 'primary' });
    expect(after.shards[1]!.replicas).toMatchObject([{ address: 'node:2', role: 'replica' }]);
    expect(after.shards[1]!.slots).toBe(before.shards[1]!.slots);
    expect(after.shardOf(10_922)?.primary?.address).toBe('node:12');
    expect(after.nodeAt('node:2')?.role).toBe('replica');
  });

  it('takes a move to a replica of another shard for a failover of that shard, which got the slot as well', () => {
    const after = withMoved(threeShardTopology(), 0, 'node:13');
    expect(after.shardOf(0)?.index).toBe(2);
    expect(after.shardOf(16_383)?.primary?.address).toBe('node:13');
    expect(after.shardOf(1)?.primary?.address).toBe('node:1');
  });

  it('makes a shard of its own for a node that nobody knows', () => {
    const before = threeShardTopology();
    const after = withMoved(before, 7, '[2001:db8::1]:6379');
    expect(after.shards).toHaveLength(4);
    expect(after.shardOf(7)?.primary).toMatchObject({ host: '2001:db8::1', port: 6379, shardIndex: 3 });
    expect(after.nodeAt('[2001:db8::1]:6379')?.role).toBe('primary');
    const next = withMoved(after, 8, '[2001:db8::1]:6379');
    expect(next.shards).toHaveLength(4);
    expect(next.shards[3]!.slots).toEqual([{ first: 7, last: 8 }]);
  });

  it('covers a slot that nobody served', () => {
    const before = buildTopology(clusterView([shardView(['0-9', '11-16383'], [1])]));
    const after = withMoved(before, 10, 'node:1');
    expect(uncoveredSlots(after)).toEqual([]);
    expect(after.shards[0]!.slots).toEqual([{ first: 0, last: 16_383 }]);
  });

  it('makes the replica of a shard without primary its primary', () => {
    const orphan = { ...shardView(['0-16383'], [1, 11]) };
    const { primary: _lost, ...rest } = orphan;
    const after = withMoved(buildTopology(clusterView([rest])), 3, 'node:11');
    expect(after.shards[0]).toMatchObject({ primary: { address: 'node:11' }, replicas: [] });
  });

  it('starts from nothing', () => {
    expect(withMoved(emptyTopology, 5, 'node:1').shardOf(5)?.primary?.address).toBe('node:1');
  });

  it('refuses an address that is none', () => {
    expect(() => withMoved(emptyTopology, 5, 'node')).toThrow(InvalidArgumentError);
  });

  it('is confirmed by a refresh that saw the same, without a further version', () => {
    const patched = withMoved(threeShardTopology(), 5461, 'node:12');
    const [first, , third] = threeShards.shards;
    const refreshed = buildTopology(
      clusterView([first!, shardView(['5461-10922'], [12, 2]), third!]),
      patched,
    );
    expect(refreshed).toBe(patched);
    expect(diffTopologies(patched, refreshed)).toEqual([]);
  });

  it('is undone by a refresh that saw otherwise', () => {
    const before = threeShardTopology();
    const after = buildTopology(threeShards, withMoved(before, 100, 'stranger:9'));
    expect(after.shards).toEqual(before.shards);
    expect(after.version).toBe(before.version + 2);
  });
});
