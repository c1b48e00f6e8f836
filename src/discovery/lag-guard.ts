import type { Clock, Random, Timer } from '../support/index.js';
import { type ClusterTopology, parseRole, type Shard, type TopologyNode } from '../topology/index.js';
import { type Askable, askNode, type NodeSource } from './ask-node.js';

/** What a lag guard works with. */
export interface LagGuardOptions {
  readonly nodes: NodeSource;
  /** How far a replica may be behind its primary, in bytes of the replication stream. At least 0. */
  readonly maxLagBytes: number;
  /** Time from the start of one pass over all shards to that of the next, in milliseconds; up to a tenth less. */
  readonly intervalMs: number;
  /** For each question, in milliseconds. */
  readonly askTimeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** The topology in force. */
  current(): ClusterTopology;
  /**
   * What was found out of one replica. `lagBytes` is undefined when it is not connected to its primary, or the primary
   * does not tell how far it is: in the latter case nobody is too far behind, for then replicas are all there is.
   */
  onMeasured(address: string, lagBytes: number | undefined, isTooFar: boolean): void;
}

/** What a node said of itself. */
interface Position {
  readonly isPrimary: boolean;
  readonly isConnected: boolean;
  readonly offset: number;
}

/** How much earlier a pass may begin, so that many clients do not ask together. */
const INTERVAL_SPREAD = 0.1;
/** Shards that are asked at the same time. */
const SHARDS_AT_ONCE = 16;

/**
 * Measures how far replicas are behind their primaries: asks the nodes of each shard for ROLE at the same time, and
 * compares their offsets. One pass at a time; a node that does not answer holds up its own shard only, and not for
 * longer than the interval. Of a replica that does not answer nothing is said.
 */
export class LagGuard {
  readonly #options: LagGuardOptions;
  #timer: Timer | undefined;
  #isRunning = false;
  #closed = false;
  #questions = 0;

  constructor(options: LagGuardOptions) {
    this.#options = options;
  }

  /** Questions put to nodes so far. */
  get questions(): number {
    return this.#questions;
  }

  /** Begins; the first pass is one interval away. Does nothing the second time. */
  start(): void {
    if (this.#closed || this.#timer !== undefined || this.#isRunning) return;
    const { clock, intervalMs, random } = this.#options;
    this.#plan(clock.nowMs() + intervalMs * (1 - INTERVAL_SPREAD * random()));
  }

  /** Ends it: nothing is told any more. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #plan(atMs: number): void {
    const { clock } = this.#options;
    this.#timer = clock.schedule(Math.max(0, atMs - clock.nowMs()), () => {
      this.#timer = undefined;
      void this.#pass();
    });
  }

  async #pass(): Promise<void> {
    const { clock, intervalMs, random } = this.#options;
    const nextMs = clock.nowMs() + intervalMs * (1 - INTERVAL_SPREAD * random());
    this.#isRunning = true;
    const waiting = this.#options.current().shards.filter(({ replicas }) => replicas.length > 0);
    const measureNext = async (): Promise<void> => {
      for (let shard = waiting.pop(); shard !== undefined && !this.#closed; shard = waiting.pop()) {
        await this.#measure(shard);
      }
    };
    await Promise.all(Array.from({ length: SHARDS_AT_ONCE }, measureNext));
    this.#isRunning = false;
    if (!this.#closed) this.#plan(nextMs);
  }

  async #measure({ primary, replicas }: Shard): Promise<void> {
    const [lead, ...positions] = await Promise.all([primary, ...replicas].map((node) => this.#ask(node)));
    if (this.#closed) return;
    const options = this.#options;
    replicas.forEach(({ address }, i) => {
      const position = positions[i];
      if (position === undefined || position.isPrimary) return;
      if (lead === undefined || !lead.isPrimary) options.onMeasured(address, undefined, false);
      else if (!position.isConnected) options.onMeasured(address, undefined, true);
      else {
        // The replica may have been asked a little later than the primary.
        const lagBytes = Math.max(0, lead.offset - position.offset);
        options.onMeasured(address, lagBytes, lagBytes > options.maxLagBytes);
      }
    });
  }

  /** `undefined` when the node does not say, for whatever reason: whether it can be used is judged elsewhere. */
  async #ask(member: TopologyNode | undefined): Promise<Position | undefined> {
    if (member === undefined) return undefined;
    const { nodes, clock, askTimeoutMs, intervalMs } = this.#options;
    const node = nodes.node(member.host, member.port, member.address);
    if (!node.isUsable) return undefined;
    this.#questions++;
    const limits = {
      timeoutMs: Math.min(askTimeoutMs, intervalMs),
      limitedBy: 'the interval of the lag guard',
      clock,
    };
    try {
      return readPosition(await askNode(node, ['ROLE'], limits), node);
    } catch {
      return undefined;
    }
  }
}

/** @throws `TopologyReplyError` when it is no reply to ROLE */
function readPosition(reply: unknown, { host, port, address }: Askable): Position {
  const view = parseRole(reply, { askedHost: host, askedPort: port, tls: false });
  const { primary, replicas } = view.shards[0]!;
  const isPrimary = primary?.address === address;
  const self = isPrimary ? primary : replicas[0];
  return {
    isPrimary,
    isConnected: self?.health === 'online',
    offset: self?.replicationOffset ?? 0,
  };
}
