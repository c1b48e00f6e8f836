import { assembleView } from './assemble-view.js';
import type { AskedNode, NodeAttributes } from './node-attributes.js';
import { ReplyReader, textOf } from './reply-reader.js';
import type { SlotRange } from './slot-range.js';
import type { TopologyView } from './view.js';

const SOURCE = 'CLUSTER SLOTS';
const MAX_PORT = 65_535;
const FIRST_NODE = 2;

/** A shard that is being gathered from the ranges of its primary. */
interface Gathered {
  readonly slots: SlotRange[];
  readonly primary: NodeAttributes;
  readonly replicas: NodeAttributes[];
}

/**
 * Reads a reply to CLUSTER SLOTS: ranges, each with its primary and its replicas. Ranges of one primary make one
 * shard. Servers leave out nodes that they hold to be down, except a primary that nobody has replaced, and shards
 * without slots; so every node counts as online.
 *
 * @throws {@link TopologyReplyError} when the reply is no such reply, or a slot or port in it is impossible
 * @see https://valkey.io/commands/cluster-slots/
 */
export function parseClusterSlots(reply: unknown, asked: AskedNode): TopologyView {
  const reader = new ReplyReader(SOURCE, asked.askedHost);
  const shards = new Map<string, Gathered>();
  reader.array(reply, '', 'an array of slot ranges').forEach((value, i) => {
    const path = `[${i}]`;
    const entry = reader.array(value, path, 'an array of first slot, last slot and nodes');
    if (entry.length <= FIRST_NODE) reader.refuse(path, 'first slot, last slot and at least one node', value);
    const range = reader.slotRange(entry[0], entry[1], path, 0);
    const [primary, ...replicas] = entry
      .slice(FIRST_NODE)
      .map((node, j) => readNode(reader, node, `${path}[${j + FIRST_NODE}]`));
    const key = keyOf(primary!);
    let shard = shards.get(key);
    if (shard === undefined) {
      shard = { slots: [], primary: primary!, replicas: [] };
      shards.set(key, shard);
    }
    shard.slots.push(range);
    for (const replica of replicas) {
      if (!shard.replicas.some((known) => isSameNode(known, replica))) shard.replicas.push(replica);
    }
  });
  return assembleView(reader, SOURCE, 'cluster', [...shards.values()], asked);
}

/** What tells two nodes of one reply apart. Port and endpoint belong to it: serverless caches repeat the rest. */
function keyOf({ nodeId = '', endpoint = '', port }: NodeAttributes): string {
  return `${nodeId} ${endpoint} ${port}`;
}

function isSameNode(a: NodeAttributes, b: NodeAttributes): boolean {
  return a.nodeId === b.nodeId && a.endpoint === b.endpoint && a.port === b.port;
}

function readNode(reader: ReplyReader, value: unknown, path: string): NodeAttributes {
  const [endpoint, port, nodeId, metadata] = reader.array(
    value,
    path,
    'an array of endpoint, port, id and metadata',
  );
  const node: NodeAttributes = {
    endpoint: reader.textOrNull(endpoint, path, 0),
    port: reader.integer(port, path, 1, 0, MAX_PORT),
    health: 'online',
  };
  if (nodeId !== undefined && nodeId !== null) node.nodeId = reader.text(nodeId, path, 2);
  if (metadata !== undefined && metadata !== null) readMetadata(reader, metadata, `${path}[3]`, node);
  return node;
}

function readMetadata(reader: ReplyReader, value: unknown, path: string, node: NodeAttributes): void {
  reader.map(value, path, (key, item) => {
    const text = textOf(item);
    if (text === undefined) return;
    if (key === 'ip') node.ip = text;
    else if (key === 'hostname') node.hostname = text;
    else if (key === 'availability-zone') node.zoneName = text;
    else node.metadata = { ...node.metadata, [key]: text };
  });
}
