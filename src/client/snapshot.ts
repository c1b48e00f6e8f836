import type { BreakerState, LinkState, NodeCondition } from '../node/index.js';
import type { AvailabilityZone, NodeHealth, NodeRole } from '../topology/index.js';
import type { ClientCore, ClientStatus } from './client-core.js';

/** What a client has done and how it stands, at one moment. @public */
export interface ClientSnapshot {
  readonly status: ClientStatus;
  readonly topologyVersion: number;
  /** Counted since the client was made. */
  readonly counters: {
    readonly calls: number;
    readonly failures: number;
    readonly retries: number;
    readonly moved: number;
    readonly asked: number;
    /** Reads taken away from a node that did not answer and given to another. */
    readonly rerouted: number;
    /** Reads sent to a second node as well. */
    readonly hedged: number;
    readonly refreshes: number;
    /** Refreshes in which nobody answered. */
    readonly failedRefreshes: number;
    /** Nodes asked for the topology, in all refreshes together. */
    readonly questions: number;
    readonly topologyChanges: number;
  };
  /** Calls that wait for their shard to have a primary that can be used. */
  readonly waiting: number;
  /** Repetitions that the retry budget allows at once. */
  readonly retryTokens: number;
  readonly nodes: readonly NodeSnapshot[];
}

/** @public */
export interface NodeSnapshot {
  /** `host:port` */
  readonly node: string;
  readonly role: NodeRole;
  readonly shard: number;
  readonly zone: AvailabilityZone | undefined;
  /** What the cluster says of it. */
  readonly health: NodeHealth;
  /** Where our own way to it stands. */
  readonly link: LinkState;
  /** Whether we use it: see {@link NodeCondition}. */
  readonly condition: NodeCondition;
  readonly circuit: BreakerState;
  /** Too far behind its primary for reads. */
  readonly lagging: boolean;
  readonly inFlight: number;
  readonly queued: number;
  /** Attempts sent to it so far, Slotwise's own questions about the topology included. */
  readonly sent: number;
}

export function takeSnapshot(core: ClientCore): ClientSnapshot {
  const { topology, dispatcher, refresher, nodes, status, topologyChanges } = core;
  return {
    status,
    topologyVersion: topology.version,
    waiting: dispatcher.waiting,
    retryTokens: dispatcher.retryTokens,
    counters: {
      ...dispatcher.counters,
      refreshes: refresher.refreshes,
      failedRefreshes: refresher.failures,
      questions: refresher.questions,
      topologyChanges,
    },
    nodes: topology.nodes.map(({ address, role, shardIndex, availabilityZone, health }) => {
      const node = nodes.find(address);
      return {
        node: address,
        role,
        shard: shardIndex,
        zone: availabilityZone,
        health,
        link: node?.linkState ?? 'idle',
        condition: node?.condition ?? 'well',
        circuit: node?.circuit ?? 'closed',
        lagging: node?.isLagging ?? false,
        inFlight: node?.inFlight ?? 0,
        queued: node?.queued ?? 0,
        sent: node?.sent ?? 0,
      };
    }),
  };
}
