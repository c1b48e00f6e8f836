import type { TopologyView } from './view.js';

/** How one node sees the deployment. */
export interface Answer {
  /** Address of the node that gave it, as it was asked. */
  readonly from: string;
  readonly view: TopologyView;
}

/** What the nodes said that were asked at about the same time. At most one answer per node; their order is of no matter. */
export interface AnswersObservation {
  readonly kind: 'answers';
  readonly answers: readonly Answer[];
  /**
   * Addresses of nodes that were asked and gave no answer in time, or that the client knows to be out of reach. A node
   * that answered counts as reachable all the same.
   */
  readonly unreachable: readonly string[];
  /** When the first of them was asked: what was learned since is newer than the answers. */
  readonly askedAtMs: number;
  readonly atMs: number;
}

/** A node answered a command with MOVED. */
export interface MovedObservation {
  readonly kind: 'moved';
  /** 0..16383 */
  readonly slot: number;
  /** Address of the node that is said to own the slot, in the form of `formatAddress`. */
  readonly to: string;
  /** Address of the node that said so. */
  readonly from: string;
  readonly atMs: number;
}

/** A node answered a command with ASK: for this one command, another node. */
export interface AskObservation {
  readonly kind: 'ask';
  readonly slot: number;
  readonly to: string;
  readonly from: string;
  readonly atMs: number;
}

/** One thing that came to the client's ears about who serves what. Times are of one monotonic clock, in milliseconds. */
export type Observation = AnswersObservation | MovedObservation | AskObservation;
