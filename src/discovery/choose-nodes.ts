import type { Random } from '../support/index.js';
import type { ClusterTopology, TopologyNode } from '../topology/index.js';

/** Whom a choice is made from. */
export interface ChoiceOptions {
  readonly topology: ClusterTopology;
  /** How many to choose at most. */
  readonly count: number;
  /** Addresses of those that can settle what is in doubt. */
  readonly witnesses: readonly string[];
  /** Whether the client can reach a node now. */
  isUsable(node: TopologyNode): boolean;
  readonly random: Random;
}

/**
 * Whom to ask for the topology: a witness first, then others by lot. Nodes that cannot be reached or are said to be
 * down are left out; where nobody is left, nobody is asked.
 */
export function chooseNodes(options: ChoiceOptions): readonly TopologyNode[] {
  const { topology, count, witnesses, random } = options;
  const isAskable = (node: TopologyNode): boolean => node.health !== 'fail' && options.isUsable(node);
  const drawn = shuffled(topology.nodes.filter(isAskable), random);
  const sought = new Set(witnesses);
  const first = drawn.find(({ address }) => sought.has(address));
  const others = drawn.filter((node) => node !== first);
  return (first === undefined ? others : [first, ...others]).slice(0, count);
}

function shuffled<T>(items: T[], random: Random): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}
