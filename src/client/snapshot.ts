import type { LinkState } from '../node/index.js';
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
    readonly refreshes: number;
    readonly topologyChanges: number;
  };
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
    counters: { ...dispatcher.counters, refreshes: refresher.refreshes, topologyChanges },
    nodes: topology.nodes.map(({ address, role, shardIndex, availabilityZone, health }) => {
      const node = nodes.find(address);
      return {
        node: address,
        role,
        shard: shardIndex,
        zone: availabilityZone,
        health,
        link: node?.linkState ?? 'idle',
        inFlight: node?.inFlight ?? 0,
        queued: node?.queued ?? 0,
        sent: node?.sent ?? 0,
      };
    }),
  };
}
