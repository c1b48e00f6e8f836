import { selfIn } from './ballot.js';
import type { ClusterTopology } from './cluster-topology.js';
import type { Shard } from './node.js';
import type { Answer } from './observation.js';
import { ALL_SLOTS } from './slot-range.js';
import type { NodeView, TopologyView } from './view.js';

/** What a node with cluster mode disabled says of itself: whom it follows, or that it leads. */
interface Word {
  readonly self: NodeView;
  readonly primary: NodeView;
  readonly view: TopologyView;
}

/**
 * Judges views of a deployment with cluster mode disabled: one primary, and no epochs to compare.
 *
 * A node that says that it is primary is one; a replica's word on who is primary is only a hint. When several say that
 * they are, the one with more connected replicas leads, else the one in force, else the one that has more data, else the
 * one with the lowest address. Only where no primary answers is the word of replicas taken: that of most of those that are
 * connected to their primary, else that of most. Replicas that were known stay known then.
 */
export function judgeReplication(
  topology: ClusterTopology,
  answers: readonly Answer[],
): TopologyView | undefined {
  const words = answers
    .flatMap(({ from, view }): readonly Word[] => {
      const own = selfIn(view, from);
      return own?.shard.primary === undefined ? [] : [{ self: own.node, primary: own.shard.primary, view }];
    })
    .toSorted((a, b) => (a.self.address < b.self.address ? -1 : 1));
  const inForce = topology.mode === 'standalone' ? topology.shards[0] : undefined;
  return chooseLeader(words, inForce) ?? gatherReplicas(words, inForce);
}

function chooseLeader(words: readonly Word[], inForce: Shard | undefined): TopologyView | undefined {
  const isInForce = ({ self }: Word): boolean => self.address === inForce?.primary?.address;
  const [first] = words
    .filter(({ self, primary }) => self === primary)
    .toSorted(
      (a, b) =>
        connectedReplicas(b) - connectedReplicas(a) ||
        Number(isInForce(b)) - Number(isInForce(a)) ||
        (b.self.replicationOffset ?? 0) - (a.self.replicationOffset ?? 0),
    );
  return first?.view;
}

function connectedReplicas({ view }: Word): number {
  return view.shards.flatMap(({ replicas }) => replicas).filter(({ health }) => health === 'online').length;
}

function gatherReplicas(words: readonly Word[], inForce: Shard | undefined): TopologyView | undefined {
  const connected = words.filter(({ self }) => self.health === 'online');
  const primary = mostNamed(connected.length > 0 ? connected : words, inForce);
  if (primary === undefined) return undefined;
  const replicas = new Map<string, NodeView>(
    inForce?.replicas
      .filter(({ address }) => address !== primary.address)
      .map((node) => [node.address, node]),
  );
  for (const { self, primary: named } of words) {
    // What follows another has not got this one's data.
    const node: NodeView = named.address === primary.address ? self : { ...self, health: 'loading' };
    replicas.set(self.address, node);
  }
  replicas.delete(primary.address);
  const known = inForce?.primary?.address === primary.address ? inForce.primary : primary;
  const shards = [{ slots: ALL_SLOTS, primary: known, replicas: [...replicas.values()] }];
  return { ...words[0]!.view, shards };
}

function mostNamed(words: readonly Word[], inForce: Shard | undefined): NodeView | undefined {
  const names = new Map<string, { readonly primary: NodeView; votes: number }>();
  for (const { primary } of words) {
    const name = names.get(primary.address);
    if (name === undefined) names.set(primary.address, { primary, votes: 1 });
    else name.votes++;
  }
  const isInForce = ({ address }: NodeView): boolean => address === inForce?.primary?.address;
  const [first] = [...names.values()].toSorted(
    (a, b) =>
      b.votes - a.votes ||
      Number(isInForce(b.primary)) - Number(isInForce(a.primary)) ||
      (a.primary.address < b.primary.address ? -1 : 1),
  );
  return first?.primary;
}
