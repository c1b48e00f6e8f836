import { describe, expect, it } from 'vitest';
import {
  buildTopology,
  emptyTopology,
  UNCOVERED,
  uncoveredSlots,
  withZones,
} from '../../../src/topology/index.js';
import { clusterView, nodeView, shardView, threeShards, threeShardTopology } from './views.js';

const ids = (shards: readonly { id: string }[]): string[] => shards.map(({ id }) => id);

describe('the empty topology', () => {
  it('is version 0, knows no node and covers no slot', () => {
    expect(emptyTopology.version).toBe(0);
    expect(emptyTopology.nodes).toEqual([]);
    expect(emptyTopology.shardOf(0)).toBeUndefined();
    expect(uncoveredSlots(emptyTopology)).toEqual([{ first: 0, last: 16_383 }]);
  });
});

describe('a topology', () => {
  it('finds the shard of a slot and the node at an address', () => {
    const topology = threeShardTopology();
    expect(topology.shardOf(5460)).toBe(topology.shards[0]);
    expect(topology.shardOf(5461)).toBe(topology.shards[1]);
    expect(topology.shardOf(16_383)?.primary?.address).toBe('node:3');
    expect(topology.shardOf(16_384)).toBeUndefined();
    expect(topology.shardOf(-1)).toBeUndefined();
    expect(topology.nodeAt('node:12')).toBe(topology.shards[1]!.replicas[0]);
    expect(topology.nodeAt('node:99')).toBeUndefined();
    expect(topology.nodes.map(({ address }) => address)).toEqual([
      'node:1',
      'node:11',
      'node:2',
      'node:12',
      'node:3',
      'node:13',
    ]);
  });

  it('marks slots that nobody serves', () => {
    const topology = buildTopology(clusterView([shardView(['0-9', '20-16383'], [1])]));
    expect(topology.slotTable[10]).toBe(UNCOVERED);
    expect(topology.shardOf(19)).toBeUndefined();
    expect(uncoveredSlots(topology)).toEqual([{ first: 10, last: 19 }]);
  });

  it('cannot be changed', () => {
    const topology = threeShardTopology();
    const [shard] = topology.shards;
    const parts = [
      topology,
      topology.shards,
      topology.nodes,
      shard,
      shard!.replicas,
      shard!.slots,
      shard!.primary,
    ];
    expect(parts.every((part) => Object.isFrozen(part))).toBe(true);
  });
});

describe('buildTopology', () => {
  it('gives back the previous topology when nothing changed', () => {
    const before = threeShardTopology();
    expect(buildTopology(threeShards, before)).toBe(before);
  });

  it('does not mind in which order shards and replicas are told', () => {
    const before = buildTopology(
      clusterView([shardView(['0-99'], [1, 11, 12]), shardView(['100-16383'], [2])]),
    );
    const turned = clusterView([shardView(['100-16383'], [2]), shardView(['0-99'], [1, 12, 11])]);
    expect(buildTopology(turned, before)).toBe(before);
  });

  it('does not call a new replication offset a change', () => {
    const before = threeShardTopology();
    const moved = threeShards.shards.map((shard) => ({
      ...shard,
      primary: { ...shard.primary!, replicationOffset: 77 },
    }));
    expect(buildTopology(clusterView(moved), before)).toBe(before);
  });

  it('raises the version by one with a change and keeps every object that did not change', () => {
    const before = threeShardTopology();
    const [first, ...others] = threeShards.shards;
    const sick = { ...first!, replicas: [nodeView('node:11', { health: 'fail' })] };
    const after = buildTopology(clusterView([sick, ...others]), before);
    expect(after.version).toBe(before.version + 1);
    expect(after.nodeAt('node:11')?.health).toBe('fail');
    expect(after.shards[0]).not.toBe(before.shards[0]);
    expect(after.shards[0]!.primary).toBe(before.shards[0]!.primary);
    expect(after.shards[1]).toBe(before.shards[1]);
    expect(after.shards[2]).toBe(before.shards[2]);
  });

  it.each([
    ['zone', { availabilityZone: { name: 'us-east-1a' } }],
    ['node id', { nodeId: 'another' }],
    ['certificate name', { tlsHostname: 'other.example' }],
    ['IP address', { ip: '10.0.0.9' }],
    ['unknown attribute', { metadata: { colour: 'red' } }],
  ])('sees a change of the %s', (_what, over) => {
    const before = threeShardTopology();
    const [first, ...others] = threeShards.shards;
    const changed = { ...first!, primary: { ...first!.primary!, ...over } };
    expect(buildTopology(clusterView([changed, ...others]), before).version).toBe(2);
  });

  it('sees a change of the mode and of the unusable nodes', () => {
    const before = threeShardTopology();
    expect(buildTopology({ ...threeShards, mode: 'standalone' }, before).mode).toBe('standalone');
    expect(buildTopology({ ...threeShards, unusable: [{ reason: 'lost' }] }, before).unusable).toHaveLength(
      1,
    );
  });

  it('knows an empty cluster from no knowledge at all', () => {
    expect(buildTopology(clusterView([])).version).toBe(1);
  });

  it('keeps the id and the place of a shard through a failover', () => {
    const before = threeShardTopology();
    const [first, second, third] = threeShards.shards;
    const after = buildTopology(clusterView([shardView(['5461-10922'], [12, 2]), third!, first!]), before);
    expect(ids(after.shards)).toEqual(ids(before.shards));
    expect(after.shards[1]!.primary?.address).toBe('node:12');
    expect(after.shards[1]!.replicas.map(({ role }) => role)).toEqual(['replica']);
    expect(second!.primary!.address).toBe('node:2');
  });

  it('keeps the id of a shard when its primary is gone and when a replica replaced another', () => {
    const before = threeShardTopology();
    const [, second, third] = threeShards.shards;
    const failedOver = buildTopology(clusterView([shardView(['0-5460'], [11]), second!, third!]), before);
    const replaced = buildTopology(
      clusterView([shardView(['0-5460'], [11, 21]), second!, third!]),
      failedOver,
    );
    const again = buildTopology(clusterView([shardView(['0-5460'], [21]), second!, third!]), replaced);
    expect(again.shards[0]!.id).toBe(before.shards[0]!.id);
    expect(again.shards[0]!.primary?.address).toBe('node:21');
  });

  it('gives the id of a shard that fell apart to the part that has the slots', () => {
    const before = threeShardTopology();
    const [, second, third] = threeShards.shards;
    const after = buildTopology(
      clusterView([shardView([], [1]), shardView(['0-5460'], [11]), second!, third!]),
      before,
    );
    expect(after.shardOf(0)?.id).toBe(before.shardOf(0)?.id);
    expect(after.shardOf(0)?.primary?.address).toBe('node:11');
    expect(after.nodeAt('node:1')?.shardIndex).toBe(3);
  });

  it('recognises a node that kept its id under another address', () => {
    const before = threeShardTopology();
    const [first, ...others] = threeShards.shards;
    const renamed = { ...first!, primary: nodeView('moved:1'), replicas: [] };
    expect(buildTopology(clusterView([renamed, ...others]), before).shards[0]!.id).toBe(before.shards[0]!.id);
  });

  it('takes the id that the server tells for a new shard', () => {
    const view = clusterView([shardView(['0-16383'], [1, 11], { id: 'told' })]);
    expect(buildTopology(view).shards[0]!.id).toBe('told');
  });

  it('puts new shards behind the known ones, and closes the gap of one that is gone', () => {
    const before = threeShardTopology();
    const [first, second, third] = threeShards.shards;
    const grown = buildTopology(clusterView([shardView([], [4, 14]), first!, second!, third!]), before);
    expect(grown.shards.map(({ primary }) => primary?.port)).toEqual([1, 2, 3, 4]);
    const shrunk = buildTopology(
      clusterView([shardView(['0-10922'], [2, 12]), third!, shardView([], [4, 14])]),
      grown,
    );
    expect(shrunk.shards.map(({ primary, index }) => [index, primary?.port])).toEqual([
      [0, 2],
      [1, 3],
      [2, 4],
    ]);
    expect(
      shrunk.nodes.every((node) => shrunk.shards[node.shardIndex]!.id.endsWith(String(node.port % 10))),
    ).toBe(true);
  });

  it('gives different ids to a shard and to a former member of it that stands alone', () => {
    const before = buildTopology(clusterView([shardView(['0-16383'], [2, 1, 3])]));
    expect(before.shards[0]!.id).toBe('id-1');
    const after = buildTopology(clusterView([shardView(['0-16383'], [2, 3]), shardView([], [1])]), before);
    expect(ids(after.shards)).toEqual(['id-1', 'node:1']);
  });

  it('tells itself as JSON, uncovered slots included', () => {
    const topology = buildTopology(clusterView([shardView(['0-9', '11'], [1, 11])]));
    expect(JSON.parse(JSON.stringify(topology))).toEqual({
      version: 1,
      mode: 'cluster',
      shards: [
        {
          index: 0,
          id: 'id-1',
          slots: ['0-9', '11'],
          primary: {
            address: 'node:1',
            host: 'node',
            port: 1,
            nodeId: 'id-1',
            role: 'primary',
            shardIndex: 0,
            health: 'online',
            metadata: {},
          },
          replicas: [
            {
              address: 'node:11',
              host: 'node',
              port: 11,
              nodeId: 'id-11',
              role: 'replica',
              shardIndex: 0,
              health: 'online',
              metadata: {},
            },
          ],
        },
      ],
      uncovered: ['10', '12-16383'],
      unusable: [],
    });
  });
});

describe('withZones', () => {
  it('fills in only what the servers did not tell', () => {
    const told = { name: 'told' };
    const shard = {
      ...shardView(['0-16383'], [1, 11, 12]),
      primary: nodeView('node:1', { availabilityZone: told }),
    };
    const view = withZones(clusterView([shard]), ({ port }) =>
      port === 12 ? undefined : { name: `zone-${port}` },
    );
    expect(view.shards[0]!.primary!.availabilityZone).toBe(told);
    expect(view.shards[0]!.replicas.map((node) => node.availabilityZone?.name)).toEqual([
      'zone-11',
      undefined,
    ]);
  });
});
