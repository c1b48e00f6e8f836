import type { LookupFunction } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Credentials, CredentialsProvider } from '../auth/index.js';
import type { SeedProvider, SeedsInput } from '../discovery/index.js';
import type { ReadPolicy, ReadPolicyName } from '../routing/index.js';

/**
 * Everything a client can be told. Only `seeds` is required. Unknown names are refused, and all problems are
 * reported at once.
 * @public
 */
export interface ClientOptions {
  /** Where to begin: `'host:port'`, `redis://` or `rediss://` URLs, `{ host, port }`, several of them, or a provider. */
  readonly seeds: SeedsInput;
  /**
   * Who answers reads.
   * @defaultValue `'primary'`
   */
  readonly readFrom?: ReadPolicyName | ReadPolicy;
  /** A user and its password, or a provider that is asked for every new link. Overrides what a seed's URL says. */
  readonly credentials?: Omit<Credentials, 'expiresAtMs'> | CredentialsProvider;
  /**
   * TLS for every link: `true`, or Node's own options. The certificate is checked against the node's host name.
   * @defaultValue true when the seeds are `rediss://`, else false
   */
  readonly tls?: boolean | ConnectionOptions;
  readonly commands?: CommandSettings;
  readonly topology?: TopologySettings;
  readonly links?: LinkSettings;
  readonly breaker?: CircuitSettings;
  readonly retries?: RetrySettings;
  /**
   * Hedged reads: a read that is late is sent to a second node as well, and the first answer counts. For read policies
   * that leave a choice; `false`: none.
   * @defaultValue `false`
   */
  readonly hedge?: HedgeSettings | false;
  /**
   * Passes over replicas that are too far behind their primary, while there are others. Asks every node for ROLE once
   * an interval; `false`: nobody is asked.
   * @defaultValue `false`
   */
  readonly lagGuard?: LagSettings | false;
  /** Replaces the system's name resolution for every new link; Node's `dns.lookup` signature. */
  readonly lookup?: LookupFunction;
  /** Where to dial instead, for nodes that announce addresses which cannot be reached from here. */
  readonly addressMap?: (address: NodeAddress) => NodeAddress;
  /** Shown by CLIENT LIST. No spaces. */
  readonly clientName?: string;
}

/** A host and a port. */
export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

/** How commands are sent. */
export interface CommandSettings {
  /** One deadline per call, over queues, wire, redirects, retries and waiting. 1 to 2^31-1. @defaultValue 5000 */
  readonly timeoutMs?: number;
  /** Sends per call; its deadline usually ends it first. At least 1. @defaultValue 128 */
  readonly maxAttempts?: number;
  /** Redirects followed per call. At least 0. @defaultValue 16 */
  readonly maxRedirects?: number;
  /** Commands per node that may be unanswered; more wait in the node's queue. At least 1. @defaultValue 4096 */
  readonly maxInFlightPerNode?: number;
  /** Commands per node that may wait; one more fails with `QueueFullError`. At least 0. @defaultValue 131072 */
  readonly maxQueuedPerNode?: number;
  /**
   * Calls per shard that may wait while it has no primary that can be used; one more fails with `QueueFullError`. At
   * least 0. @defaultValue 131072
   */
  readonly maxWaitingPerShard?: number;
}

/** How the topology is kept fresh. */
export interface TopologySettings {
  /**
   * Time between periodic refreshes while the cluster is quiet; after a change they begin at half a second and double up
   * to this. 0 turns them off. @defaultValue 30000
   */
  readonly refreshIntervalMs?: number;
  /** Least time between two refreshes, whatever asks for them. @defaultValue 200 */
  readonly minRefreshGapMs?: number;
  /** Nodes asked per refresh. At least 1. @defaultValue 3 */
  readonly nodesAsked?: number;
  /** For one question to one node, opening the link included. @defaultValue 3000 */
  readonly askTimeoutMs?: number;
}

/** How links are opened and kept. */
export interface LinkSettings {
  /** Name resolution, TCP, TLS and sign-in together. @defaultValue 2000 */
  readonly connectTimeoutMs?: number;
  /** Idle time before TCP keep-alive probes. @defaultValue 10000 */
  readonly keepAliveMs?: number;
  /** Whether a link is opened only when first used. `false` opens all as soon as a topology names their nodes. @defaultValue true */
  readonly lazy?: boolean;
  /**
   * Silence while an answer is due, after which a node is suspect: reads go elsewhere at once, those in flight too, and
   * writes wait for the node to answer again or for another primary. At least 10. @defaultValue 250
   */
  readonly hungAfterMs?: number;
  /**
   * Silence after which a link is given up, and what it carries fails or is sent again. Longer than servers need to
   * answer BUSY while a script runs (`busy-reply-threshold`, 5 s), so that a busy node is told from a hung one. A node
   * that was demoted while silent is given up at once. More than `hungAfterMs`. @defaultValue 6000
   */
  readonly dropAfterMs?: number;
  /** Idle links are pinged this often, so that a node that hangs is noticed before it is needed. 0: never. @defaultValue 5000 */
  readonly pingIntervalMs?: number;
  /** Bound of the first rest of a node that cannot be reached; doubles with every failure in a row. @defaultValue 50 */
  readonly reconnectBaseMs?: number;
  /** Bound of all such rests. At least `reconnectBaseMs`. @defaultValue 2000 */
  readonly reconnectMaxMs?: number;
}

/** How attempts are repeated. */
export interface RetrySettings {
  /** Bound of the first wait before a command is sent again; doubles with every repetition. @defaultValue 10 */
  readonly baseMs?: number;
  /** Bound of all such waits. At least `baseMs`. @defaultValue 500 */
  readonly maxMs?: number;
  /** Repetitions that may be sent for each call, on average. 0 to 10, may be a fraction. @defaultValue 0.2 */
  readonly budgetRatio?: number;
  /** Repetitions that may be sent each second besides. @defaultValue 100 */
  readonly budgetPerSecond?: number;
  /**
   * Repetitions that may be saved up and sent at once. What finds the budget used up waits for its turn, inside its
   * deadline, and then fails with `RetryBudgetError`. At least 1. @defaultValue 10000
   */
  readonly budgetBurst?: number;
}

/** When the circuit breaker of a node opens. It also opens at once when a node hangs or cannot be reached. */
export interface CircuitSettings {
  /** It opens when more than this share of a node's batches is lost within the window, in percent. 1 to 99. @defaultValue 50 */
  readonly errorThresholdPercentage?: number;
  /** Batches in the window below which nothing is concluded from their share. At least 1. @defaultValue 5 */
  readonly volumeThreshold?: number;
  /** Length of the window, in milliseconds. At least 100. @defaultValue 2000 */
  readonly rollingMs?: number;
}

/** Which replicas are too far behind. */
export interface LagSettings {
  /** Bytes of the replication stream that a replica may lack and still be read from. At least 0. */
  readonly maxBytes: number;
  /** Time between two measurements. At least 10. @defaultValue 1000 */
  readonly intervalMs?: number;
}

/** How reads are hedged. */
export interface HedgeSettings {
  /**
   * How late a read must be, in milliseconds: 1 to 60000, or `'p95'` for what 95 in a hundred of the latest reads
   * took less than.
   */
  readonly afterMs: number | 'p95';
  /** The largest share of calls that may be hedged. Above 0, at most 1. @defaultValue 0.05 */
  readonly maxShare?: number;
}

/** What one call, or a view made by `with`, may want otherwise. */
export interface CommandOptions {
  /** Narrows the client's deadline. */
  readonly timeoutMs?: number;
  /** Gives the call up. It rejects with `CommandAbortedError`; what was sent cannot be taken back. */
  readonly signal?: AbortSignal;
  readonly readFrom?: ReadPolicyName | ReadPolicy;
  /** Whether sending the command twice is harmless. Left out: what the command table says. */
  readonly idempotent?: boolean;
  /** Sends commands without a key, or any command, to one node: its address, or `'random'` for any primary. */
  readonly route?: string;
}

/** The options in force, every default filled in. @public */
export interface ResolvedOptions {
  readonly seeds: SeedProvider;
  readonly readFrom: ReadPolicyName | ReadPolicy;
  /** Never holds a password: whether and how the client signs in. */
  readonly credentials: 'none' | 'static' | 'provider';
  readonly tls: boolean;
  readonly commands: Required<CommandSettings>;
  readonly topology: Required<TopologySettings>;
  readonly links: Required<LinkSettings>;
  readonly breaker: Required<CircuitSettings>;
  readonly retries: Required<RetrySettings>;
  readonly hedge: Required<HedgeSettings> | false;
  readonly lagGuard: Required<LagSettings> | false;
  readonly clientName: string | undefined;
}

/** Every default, once. */
export const DEFAULT_OPTIONS: Pick<
  ResolvedOptions,
  'readFrom' | 'commands' | 'topology' | 'links' | 'breaker' | 'retries' | 'hedge' | 'lagGuard'
> = {
  readFrom: 'primary',
  commands: {
    timeoutMs: 5_000,
    maxAttempts: 128,
    maxRedirects: 16,
    maxInFlightPerNode: 4_096,
    maxQueuedPerNode: 131_072,
    maxWaitingPerShard: 131_072,
  },
  topology: { refreshIntervalMs: 30_000, minRefreshGapMs: 200, nodesAsked: 3, askTimeoutMs: 3_000 },
  links: {
    connectTimeoutMs: 2_000,
    keepAliveMs: 10_000,
    lazy: true,
    hungAfterMs: 250,
    dropAfterMs: 6_000,
    pingIntervalMs: 5_000,
    reconnectBaseMs: 50,
    reconnectMaxMs: 2_000,
  },
  breaker: { errorThresholdPercentage: 50, volumeThreshold: 5, rollingMs: 2_000 },
  retries: { baseMs: 10, maxMs: 500, budgetRatio: 0.2, budgetPerSecond: 100, budgetBurst: 10_000 },
  hedge: false,
  lagGuard: false,
};

/** Time between two measurements of how far replicas are behind, unless told otherwise. */
export const DEFAULT_LAG_INTERVAL_MS = 1_000;

/** The share of calls that may be hedged unless told otherwise. */
export const DEFAULT_HEDGE_SHARE = 0.05;
