import { assembleView, type ReadShard } from './assemble-view.js';
import type { NodeHealth, NodeRole } from './node.js';
import type { AskedNode, NodeAttributes } from './node-attributes.js';
import { integerOf, ReplyReader, textOf } from './reply-reader.js';
import type { SlotRange } from './slot-range.js';
import type { TopologyView } from './view.js';

const SOURCE = 'CLUSTER SHARDS';
const MAX_PORT = 65_535;

interface ReadNode extends NodeAttributes {
  role: NodeRole;
  plainPort: number | undefined;
  tlsPort: number | undefined;
}

/**
 * Reads a reply to CLUSTER SHARDS (Redis 7.0+, Valkey; with shard id and `availability-zone` from Valkey 9.1 on).
 * Unknown attributes are tolerated; text ones are kept as `metadata`.
 *
 * A shard may name several primaries: after a failover the old one is shown as such until it is back and demoted. The
 * one that is online and has the highest replication offset is taken; the others count as replicas that cannot serve.
 *
 * @throws {@link TopologyReplyError} when the reply is no such reply, or a slot, port or role in it is impossible
 * @see https://valkey.io/commands/cluster-shards/
 */
export function parseClusterShards(reply: unknown, asked: AskedNode): TopologyView {
  const reader = new ReplyReader(SOURCE, asked.askedHost);
  const shards = reader
    .array(reply, '', 'an array of shards')
    .map((shard, i) => readShard(reader, shard, `[${i}]`, asked));
  return assembleView(reader, SOURCE, 'cluster', shards, asked);
}

function readShard(reader: ReplyReader, value: unknown, path: string, { tls }: AskedNode): ReadShard {
  let id: string | undefined;
  let slots: readonly SlotRange[] | undefined;
  let nodes: ReadNode[] | undefined;
  reader.map(value, path, (key, item) => {
    if (key === 'slots') slots = readSlots(reader, item, `${path}.slots`);
    else if (key === 'id') id = reader.text(item, path, 'id');
    else if (key === 'nodes') {
      nodes = reader
        .array(item, `${path}.nodes`, 'an array of nodes')
        .map((node, i) => readNode(reader, node, `${path}.nodes[${i}]`, tls));
    }
  });
  if (slots === undefined) reader.refuse(`${path}.slots`, 'an array of slots', undefined);
  if (nodes === undefined) reader.refuse(`${path}.nodes`, 'an array of nodes', undefined);
  const primary = choosePrimary(nodes);
  const replicas = nodes.filter((node) => node !== primary);
  for (const node of replicas) {
    // An online rival still believes that it serves the slots: nothing may be read from it before it is demoted.
    if (node.role === 'primary' && node.health === 'online') node.health = 'loading';
  }
  return { ...(id ? { id } : {}), slots, ...(primary === undefined ? {} : { primary }), replicas };
}

function readSlots(reader: ReplyReader, value: unknown, path: string): readonly SlotRange[] {
  const bounds = reader.array(value, path, 'an array of slots');
  if (bounds.length % 2 !== 0) reader.refuse(path, 'pairs of first and last slot', value);
  const ranges: SlotRange[] = [];
  for (let i = 0; i < bounds.length; i += 2) {
    ranges.push(reader.slotRange(bounds[i], bounds[i + 1], path, i));
  }
  return ranges;
}

function choosePrimary(nodes: readonly ReadNode[]): ReadNode | undefined {
  const rank = (node: ReadNode): number => (node.health === 'online' ? 2 : node.health === 'loading' ? 1 : 0);
  let chosen: ReadNode | undefined;
  for (const node of nodes) {
    if (node.role !== 'primary') continue;
    const lead = chosen === undefined ? 1 : rank(node) - rank(chosen);
    const ahead = (node.replicationOffset ?? 0) > (chosen?.replicationOffset ?? 0);
    if (lead > 0 || (lead === 0 && ahead)) chosen = node;
  }
  return chosen;
}

function readNode(reader: ReplyReader, value: unknown, path: string, tls: boolean): ReadNode {
  // All properties from the beginning: those that are added later cost memory of their own.
  const node: ReadNode = {
    role: 'replica',
    health: 'online',
    nodeId: undefined,
    endpoint: undefined,
    ip: undefined,
    hostname: undefined,
    port: undefined,
    plainPort: undefined,
    tlsPort: undefined,
    replicationOffset: undefined,
    zoneName: undefined,
    metadata: undefined,
  };
  let role: NodeRole | undefined;
  let namesEndpoint = false;
  reader.map(value, path, (key, item) => {
    switch (key) {
      case 'id':
        node.nodeId = reader.text(item, path, 'id');
        break;
      case 'port':
        node.plainPort = reader.integer(item, path, 'port', 0, MAX_PORT);
        break;
      case 'tls-port':
        node.tlsPort = reader.integer(item, path, 'tls-port', 0, MAX_PORT);
        break;
      case 'ip':
        node.ip = reader.textOrNull(item, path, 'ip') ?? '';
        break;
      case 'endpoint':
        namesEndpoint = true;
        node.endpoint = reader.textOrNull(item, path, 'endpoint');
        break;
      case 'hostname':
        node.hostname = reader.textOrNull(item, path, 'hostname') ?? '';
        break;
      case 'role':
        role = readRole(reader, item, path);
        break;
      case 'replication-offset':
        node.replicationOffset =
          integerOf(item) ?? reader.refuse(`${path}.replication-offset`, 'an integer', item);
        break;
      case 'health':
        node.health = readHealth(reader.text(item, path, 'health'));
        break;
      case 'availability-zone':
        node.zoneName = reader.textOrNull(item, path, 'availability-zone') ?? '';
        break;
      default: {
        const text = textOf(item);
        if (text !== undefined) node.metadata = { ...node.metadata, [key]: text };
      }
    }
  });
  if (role === undefined) reader.refuse(`${path}.role`, "'master' or 'replica'", undefined);
  node.role = role;
  if (!namesEndpoint) node.endpoint = node.ip;
  // Behind something that adds TLS the node itself knows of no TLS port; the reverse cannot work.
  const port = tls ? node.tlsPort || node.plainPort : node.plainPort;
  if (port !== undefined) node.port = port;
  return node;
}

function readRole(reader: ReplyReader, value: unknown, path: string): NodeRole {
  switch (reader.text(value, path, 'role')) {
    case 'master':
    case 'primary':
      return 'primary';
    case 'replica':
    case 'slave':
      return 'replica';
    default:
      return reader.refuse(`${path}.role`, "'master' or 'replica'", value);
  }
}

/** A word that does not say `online` says that something keeps the node from serving. */
function readHealth(word: string): NodeHealth {
  if (word === 'online') return 'online';
  return word === 'fail' || word === 'failed' ? 'fail' : 'loading';
}
