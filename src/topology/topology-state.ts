import { type ClusterTopology, emptyTopology } from './cluster-topology.js';

/** A MOVED that was followed, and that views which have not heard of it yet must not undo. */
export interface Claim {
  readonly slot: number;
  /** Address of the node that is said to own the slot. */
  readonly to: string;
  /** Who sent the slot away since the claim began, by address: a MOVED back to one of them leads round in a circle. */
  readonly disowned: readonly string[];
  /** When it was last said. */
  readonly atMs: number;
}

/** What a primary proved of itself by its own word. */
export interface ProvenEpoch {
  readonly nodeId: string | undefined;
  /** The configuration epoch with which it leads its shard. */
  readonly epoch: number;
}

/** What is known, and what is needed to judge the next observation. Immutable. */
export interface TopologyState {
  readonly topology: ClusterTopology;
  /** Oldest first, at most one per slot and {@link MAX_CLAIMS} in all. */
  readonly claims: readonly Claim[];
  /** By address: what the primaries have proved that led when nodes were last heard. */
  readonly epochs: ReadonlyMap<string, ProvenEpoch>;
  /** The current epoch of the view that is in force: views of a lower one are older. */
  readonly heardEpoch: number | undefined;
}

/** How long a MOVED holds against views that say otherwise, in milliseconds. Gossip takes a second or less. */
export const CLAIM_FRESH_MS = 2_000;

/** How many claims are kept; the oldest give way. */
export const MAX_CLAIMS = 1_024;

/** How many nodes may send one slot away before nobody is followed any more until a view settles it. */
export const MAX_DISOWNED = 8;

/** Before anything is known. */
export const initialState: TopologyState = Object.freeze({
  topology: emptyTopology,
  claims: Object.freeze([]),
  epochs: new Map<string, ProvenEpoch>(),
  heardEpoch: undefined,
});

/** Whether a claim still holds against views. */
export function isFresh({ atMs }: Claim, nowMs: number): boolean {
  return nowMs - atMs <= CLAIM_FRESH_MS;
}
