import { describe, expect, it } from 'vitest';
import { type Candidate, type ReadPolicyName, RouteTable } from '../../../src/routing/index.js';
import {
  buildTopology,
  type NodeHealth,
  type NodeView,
  parseAddress,
  type TopologyView,
} from '../../../src/topology/index.js';
import vectors from './plans.json' with { type: 'json' };

interface Plan {
  readonly title: string;
  readonly topology: string;
  readonly slot: number;
  readonly policy: string;
  readonly turn?: number;
  readonly unreachable?: readonly string[];
  readonly candidates: readonly string[];
  readonly chosen: string | null;
}

type ShardVector = {
  readonly slots: readonly number[];
  readonly primary: string;
  readonly replicas: readonly string[];
};

function nodeOf(text: string): NodeView {
  const [address = '', health = 'online'] = text.split(' ');
  return { ...parseAddress(address), address, health: health as NodeHealth, metadata: {} };
}

function tableOf(shards: readonly ShardVector[]): RouteTable<string> {
  const view: TopologyView = {
    source: 'CLUSTER SHARDS',
    mode: 'cluster',
    unusable: [],
    shards: shards.map(({ slots, primary, replicas }) => ({
      slots: [{ first: slots[0]!, last: slots[1]! }],
      primary: nodeOf(primary),
      replicas: replicas.map(nodeOf),
    })),
  };
  return new RouteTable(buildTopology(view), (node) => node.address);
}

describe('a plan', () => {
  const topologies: Readonly<Record<string, readonly ShardVector[]>> = vectors.topologies;

  it.each(vectors.plans as readonly Plan[])(
    '$title',
    ({ topology, slot, policy, turn = 0, unreachable = [], candidates, chosen }) => {
      const table = tableOf(topologies[topology]!);
      const isReachable = ({ handle }: Candidate<string>): boolean => !unreachable.includes(handle);
      const isUsable = (candidate: Candidate<string>): boolean =>
        candidate.node.health === 'online' && isReachable(candidate);
      const listed = table.candidatesOf(slot, policy as ReadPolicyName, 'get', turn);
      expect(listed.map((candidate) => candidate.handle)).toEqual(candidates);
      const reader = table.readerOf(slot, policy as ReadPolicyName, turn, isUsable, isReachable);
      expect(reader ?? null).toBe(chosen);
      if (policy === 'primary') expect(table.primaryOf(slot) ?? null).toBe(chosen);
    },
  );

  it('of a policy of one’s own has the nodes it names, in its order, and no others', () => {
    const table = tableOf(topologies['two shards']!);
    const foreign = table.topology.nodeAt('b:1')!;
    const handles = table
      .candidatesOf(5, ({ shard }) => [shard.replicas[1]!, foreign, shard.primary!], 'get', 7)
      .map((candidate) => candidate.handle);
    expect(handles).toEqual(['a:3', 'a:1']);
  });

  it('for every shard, or every node, names each once', () => {
    const table = tableOf(topologies['two shards']!);
    expect(table.primaries()).toEqual(['a:1', 'b:1']);
    expect(table.all().toSorted()).toEqual(['a:1', 'a:2', 'a:3', 'b:1']);
  });
});
