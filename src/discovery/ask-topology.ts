import { ReplyError } from '../errors/index.js';
import type { Clock } from '../support/index.js';
import {
  parseClusterInfo,
  parseClusterShards,
  parseClusterSlots,
  parseInfoReplication,
  type TopologyView,
} from '../topology/index.js';
import { type Askable, askNode } from './ask-node.js';

/** How a topology is asked for. */
export interface AskOptions {
  /** What the node is called that answers: it leaves out what it thinks we know. @defaultValue its host */
  readonly calledHost?: string;
  /** Whether links use TLS: decides which of a node's two ports is meant. */
  readonly tls: boolean;
  /** For each question, opening the link included, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

const CLUSTER_DISABLED = /cluster support disabled/i;
const UNKNOWN_COMMAND = /^ERR unknown (sub)?command|^NOPERM/i;

/**
 * Asks one node how it sees the cluster: CLUSTER SHARDS (since 7.0) with the epoch from CLUSTER INFO in the same
 * write; CLUSTER SLOTS where the server or its ACL knows no SHARDS; INFO where cluster mode is disabled.
 *
 * @throws what the link throws, {@link ReplyError}, or `TopologyReplyError` for a reply that makes no sense
 */
export async function askTopology(node: Askable, options: AskOptions): Promise<TopologyView> {
  const asked = { askedHost: options.calledHost ?? node.host, askedPort: node.port, tls: options.tls };
  const limits = { ...options, limitedBy: 'topology.askTimeoutMs' };
  const question = (...words: string[]): Promise<unknown> => askNode(node, words, limits);
  // The epoch only helps to judge between several views: a view without one is still a view.
  const info = question('CLUSTER', 'INFO').catch(() => undefined);
  try {
    const view = parseClusterShards(await question('CLUSTER', 'SHARDS'), asked);
    return { ...view, ...parseClusterInfo(await info) };
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error;
    if (CLUSTER_DISABLED.test(error.message)) return parseInfoReplication(await question('INFO'), asked);
    if (UNKNOWN_COMMAND.test(error.message))
      return {
        ...parseClusterSlots(await question('CLUSTER', 'SLOTS'), asked),
        ...parseClusterInfo(await info),
      };
    throw error;
  }
}
