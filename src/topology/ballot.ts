import { formatAddress } from './address.js';
import type { Answer } from './observation.js';
import { LEADERLESS, NOBODY, type Roll } from './roll.js';
import { SLOT_COUNT } from './slot.js';
import type { SlotRange } from './slot-range.js';
import { type NodeView, nodesOf, type ShardView, type TopologyView } from './view.js';

/** One node's opinion, ready to be counted. */
export interface Ballot {
  readonly view: TopologyView;
  /** Slot to the number of its primary's address, {@link NOBODY} or {@link LEADERLESS}. */
  readonly owners: Uint16Array;
  /** The number of the answering node's own address, if its view shows it. */
  readonly self: number | undefined;
  /** The answering node's own shard, if its view shows it. */
  readonly ownShard: ShardView | undefined;
}

/** Makes ballots of answers, in an order that does not depend on that of the answers. */
export function castBallots(answers: readonly Answer[], roll: Roll): readonly Ballot[] {
  return answers
    .toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
    .map(({ from, view }) => {
      const owners = ownersOf(view.shards, roll);
      const self = selfIn(view, from);
      return { view, owners, self: self && roll.enter(self.node.address), ownShard: self?.shard };
    });
}

/** Slot to number of the primary's address. */
export function ownersOf(
  shards: ReadonlyArray<{
    readonly slots: readonly SlotRange[];
    readonly primary?: { readonly address: string } | undefined;
  }>,
  roll: Roll,
): Uint16Array {
  const owners = new Uint16Array(SLOT_COUNT).fill(NOBODY);
  for (const { slots, primary } of shards) {
    const owner = primary === undefined ? LEADERLESS : roll.enter(primary.address);
    for (const { first, last } of slots) owners.fill(owner, first, last + 1);
  }
  return owners;
}

/** The answering node as its own view shows it. A node that was asked by its IP address may call itself by a name. */
export function selfIn(
  view: TopologyView,
  from: string,
): { readonly node: NodeView; readonly shard: ShardView } | undefined {
  let byIp: { readonly node: NodeView; readonly shard: ShardView } | undefined;
  for (const shard of view.shards) {
    for (const node of nodesOf(shard)) {
      if (node.address === from) return { node, shard };
      if (node.ip !== undefined && formatAddress(node.ip, node.port) === from) byIp = { node, shard };
    }
  }
  return byIp;
}

/** Whether two tables of owners are equal. As fast as memory can be read. */
export function sameOwners(a: Uint16Array, b: Uint16Array): boolean {
  return a === b || compareOwners(a, b) === 0;
}

/** An order of tables: any, but always the same. */
export function compareOwners(a: Uint16Array, b: Uint16Array): number {
  return Buffer.compare(bytesOf(a), bytesOf(b));
}

function bytesOf(table: Uint16Array): Uint8Array {
  return new Uint8Array(table.buffer, table.byteOffset, table.byteLength);
}
