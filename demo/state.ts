/** Everything the demo shows at one moment: what was measured, and nothing else. */
export interface DemoState {
  /** What runs: `redis 7.0.15`. */
  readonly server: string;
  readonly elapsedMs: number;
  /** What is being done to the cluster just now. */
  readonly act: string;
  /** Application operations per second, over the last second or so. */
  readonly throughput: number;
  /** Earlier values of `throughput`, oldest first. */
  readonly history: readonly number[];
  /** Totals since traffic began. */
  readonly totals: Totals;
  /** In the order in which they were started, so that a row stays where it is when roles change. */
  readonly nodes: readonly NodeState[];
  /** Commands sent to the nodes of each zone, as a part of all. */
  readonly zones: readonly ZoneState[];
  /** The shard that serves each of the 16384 slots, as the client knows it. */
  readonly slotOwners: ArrayLike<number>;
  /** Oldest first. */
  readonly events: readonly DemoEvent[];
}

export interface Totals {
  readonly operations: number;
  readonly errors: number;
  readonly moved: number;
  readonly asked: number;
  readonly retries: number;
  readonly topologyChanges: number;
}

export interface NodeState {
  readonly address: string;
  readonly zone: string;
  readonly shard: number;
  readonly role: string;
  /** Where the client's link to it stands. */
  readonly link: string;
  /** Commands that the client sent to it per second, lately. */
  readonly commandsPerSecond: number;
  /** Its part of all commands sent lately: 0 to 1. */
  readonly share: number;
}

export interface ZoneState {
  readonly zone: string;
  readonly share: number;
}

export interface DemoEvent {
  readonly atMs: number;
  readonly text: string;
}
