import { describe, expect, it } from 'vitest';
import { chooseNodes } from '../../../src/discovery/choose-nodes.js';
import { seededRandom } from '../../../src/support/index.js';
import { buildTopology } from '../../../src/topology/index.js';
import { clusterView, nodeView, shardView, threeShardTopology } from '../topology/views.js';

const options = {
  topology: threeShardTopology(),
  count: 3,
  witnesses: [],
  isUsable: () => true,
  random: seededRandom(7),
};
const addresses = (over: Partial<Parameters<typeof chooseNodes>[0]> = {}): readonly string[] =>
  chooseNodes({ ...options, ...over }).map(({ address }) => address);

describe('chooseNodes', () => {
  it('draws as many as are wanted, each once', () => {
    const chosen = addresses();
    expect(chosen).toHaveLength(3);
    expect(new Set(chosen).size).toBe(3);
    expect(addresses({ count: 100 }).toSorted()).toEqual(
      options.topology.nodes.map(({ address }) => address).toSorted(),
    );
  });

  it('draws everybody about as often as anybody else', () => {
    const draws = new Map<string, number>();
    for (let i = 0; i < 6_000; i++) {
      const [first] = addresses({ count: 1 });
      draws.set(first!, (draws.get(first!) ?? 0) + 1);
    }
    expect(draws.size).toBe(6);
    expect(Math.min(...draws.values())).toBeGreaterThan(850);
  });

  it('begins with a witness, if one can be asked', () => {
    for (let i = 0; i < 20; i++) expect(addresses({ witnesses: ['node:12'] })[0]).toBe('node:12');
    expect(addresses({ witnesses: ['node:99'] })).toHaveLength(3);
    const isUsable = ({ address }: { readonly address: string }): boolean => address !== 'node:12';
    expect(addresses({ witnesses: ['node:12'], isUsable, count: 9 })).not.toContain('node:12');
  });

  it('leaves out who cannot be reached, and who is said to be down', () => {
    const topology = buildTopology(
      clusterView([shardView(['0-16383'], [1, 11], { replicas: [nodeView('node:11', { health: 'fail' })] })]),
    );
    expect(addresses({ topology })).toEqual(['node:1']);
    expect(addresses({ topology, isUsable: () => false })).toEqual([]);
  });
});
