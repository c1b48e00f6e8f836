import type { ClusterClient } from 'slotwise';
import type { LocalCluster } from 'slotwise/testing';
import type { DemoEvent, DemoState, NodeState, Totals, ZoneState } from './state.js';
import type { Traffic } from './traffic.js';

/** Rates are taken over this many milliseconds. */
const RATE_WINDOW_MS = 1_000;
/** Samples that the sparkline can show. */
const MAX_HISTORY = 400;

interface Sample {
  readonly atMs: number;
  readonly operations: number;
  /** Commands sent so far, by address. */
  readonly sent: ReadonlyMap<string, number>;
}

/** Looks at the client from time to time, and makes of it what is shown. */
export class Meter {
  readonly #cluster: LocalCluster;
  readonly #client: ClusterClient;
  readonly #traffic: Traffic;
  /** Those of the last {@link RATE_WINDOW_MS}, and before them one more to measure from. */
  #samples: readonly Sample[];
  #history: readonly number[] = [];

  /** @param elapsedMs - the time of the first sample, from which the first rates are taken */
  constructor(cluster: LocalCluster, client: ClusterClient, traffic: Traffic, elapsedMs: number) {
    this.#cluster = cluster;
    this.#client = client;
    this.#traffic = traffic;
    this.#samples = [this.#sample(elapsedMs)];
  }

  /** Takes one sample at `elapsedMs`, which grows from call to call. */
  look(elapsedMs: number, act: string, events: readonly DemoEvent[]): DemoState {
    const now = this.#sample(elapsedMs);
    const before = this.#samples[0] as Sample;
    const spanMs = Math.max(1, now.atMs - before.atMs);
    const throughput = (1_000 * (now.operations - before.operations)) / spanMs;
    const recent = this.#samples.findIndex(({ atMs }) => atMs > elapsedMs - RATE_WINDOW_MS);
    this.#samples = [...this.#samples.slice(recent === -1 ? -1 : Math.max(0, recent - 1)), now];
    this.#history = [...this.#history, throughput].slice(-MAX_HISTORY);
    const nodes = this.#nodes(before, now, spanMs);
    return {
      server: `${this.#cluster.engine} ${this.#cluster.version}`,
      elapsedMs,
      act,
      throughput,
      history: this.#history,
      totals: this.totals(),
      nodes,
      zones: zonesOf(nodes),
      slotOwners: this.#client.topology.slotTable,
      events,
    };
  }

  totals(): Totals {
    const { operations, errors } = this.#traffic;
    const { moved, asked, retries, topologyChanges } = this.#client.snapshot().counters;
    return { operations, errors, moved, asked, retries, topologyChanges };
  }

  #sample(atMs: number): Sample {
    const sent = this.#client.snapshot().nodes.map((node) => [node.node, node.sent] as const);
    return { atMs, operations: this.#traffic.operations, sent: new Map(sent) };
  }

  #nodes(before: Sample, now: Sample, spanMs: number): NodeState[] {
    const sentTo = (address: string): number =>
      // A node that left the topology and came back is counted from 0.
      Math.max(0, (now.sent.get(address) ?? 0) - (before.sent.get(address) ?? 0));
    const inAll = this.#cluster.nodes.reduce((sum, { address }) => sum + sentTo(address), 0);
    const known = new Map(this.#client.snapshot().nodes.map((node) => [node.node, node]));
    return this.#cluster.nodes.map(({ address, availabilityZone, shard }) => {
      const node = known.get(address);
      return {
        address,
        zone: availabilityZone ?? '',
        shard: node?.shard ?? shard,
        role: node?.role ?? 'unknown',
        link: node?.link ?? 'none',
        commandsPerSecond: (1_000 * sentTo(address)) / spanMs,
        share: sentTo(address) / Math.max(1, inAll),
      };
    });
  }
}

function zonesOf(nodes: readonly NodeState[]): ZoneState[] {
  const names = [...new Set(nodes.map(({ zone }) => zone))].toSorted();
  return names.map((zone) => {
    const own = nodes.filter((node) => node.zone === zone);
    return { zone, share: own.reduce((sum, { share }) => sum + share, 0) };
  });
}
