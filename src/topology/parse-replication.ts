import { assembleView } from './assemble-view.js';
import type { AskedNode, NodeAttributes } from './node-attributes.js';
import { readFields } from './read-fields.js';
import { integerOf, ReplyReader } from './reply-reader.js';
import { ALL_SLOTS } from './slot-range.js';
import type { TopologyView, ViewSource } from './view.js';

/** Who was asked, and on which port: the replies of cluster-mode-disabled nodes do not say who answers. */
export interface AskedReplicationNode extends AskedNode {
  readonly askedPort: number;
}

const MAX_PORT = 65_535;
const REPLICA_FIELD = /^(?:slave|replica)(\d+)$/;
const PRIMARY = 'master';
const REPLICA = 'slave';

/**
 * Reads a reply to INFO that has at least the section `replication`. A primary lists its replicas; a replica names its
 * primary only, so the view of a replica is a hint at whom to ask next. The asked node's zone is taken from the field
 * `availability_zone` (section `server`, Valkey 8.0+) when that section is in the reply too.
 *
 * @throws {@link TopologyReplyError} when the text has no role, or a replica line or the primary's port makes no sense
 * @see https://valkey.io/commands/info/
 */
export function parseInfoReplication(reply: unknown, asked: AskedReplicationNode): TopologyView {
  const reader = new ReplyReader('INFO replication', asked.askedHost);
  const fields = readFields(reader.text(reply, ''));
  const self: NodeAttributes = { endpoint: asked.askedHost, port: asked.askedPort, health: 'online' };
  const zoneName = fields.get('availability_zone');
  if (zoneName) self.zoneName = zoneName;

  const role = fields.get('role');
  if (role === PRIMARY) {
    const offset = integerOf(fields.get('master_repl_offset'));
    if (offset !== undefined) self.replicationOffset = offset;
    const replicas: NodeAttributes[] = [];
    for (const [field, line] of fields) {
      if (REPLICA_FIELD.test(field)) replicas.push(readReplicaLine(reader, field, line));
    }
    return assemble(reader, 'INFO replication', self, replicas, asked);
  }
  if (role !== REPLICA) return reader.refuse('role', `'${PRIMARY}' or '${REPLICA}'`, role);

  const host = fields.get('master_host');
  if (host === undefined || host === '') return reader.refuse('master_host', 'the host of the primary', host);
  const port = reader.integer(fields.get('master_port'), 'master_port', '', 1, MAX_PORT);
  if (fields.get('master_link_status') !== 'up') self.health = 'loading';
  const offset = integerOf(fields.get('slave_repl_offset'));
  if (offset !== undefined) self.replicationOffset = offset;
  return assemble(reader, 'INFO replication', { endpoint: host, port, health: 'online' }, [self], asked);
}

/**
 * Reads a reply to ROLE: a primary with the replicas that are connected to it, or a replica with its primary.
 *
 * @throws {@link TopologyReplyError} when the reply is no such reply, or comes from a sentinel
 * @see https://valkey.io/commands/role/
 */
export function parseRole(reply: unknown, asked: AskedReplicationNode): TopologyView {
  const reader = new ReplyReader('ROLE', asked.askedHost);
  const parts = reader.array(reply, '', 'an array that begins with the role');
  const self: NodeAttributes = { endpoint: asked.askedHost, port: asked.askedPort, health: 'online' };
  const role = reader.text(parts[0], '', 0);
  if (role === PRIMARY) {
    self.replicationOffset = integerOf(parts[1]) ?? reader.refuse('[1]', 'a replication offset', parts[1]);
    const replicas = reader.array(parts[2], '[2]', 'an array of replicas').map((value, i): NodeAttributes => {
      const path = `[2][${i}]`;
      const [host, port, offset] = reader.array(value, path, 'an array of host, port and offset');
      return {
        endpoint: reader.text(host, path, 0),
        port: reader.integer(port, path, 1, 0, MAX_PORT),
        health: 'online',
        replicationOffset: integerOf(offset) ?? reader.refuse(`${path}[2]`, 'a replication offset', offset),
      };
    });
    return assemble(reader, 'ROLE', self, replicas, asked);
  }
  if (role !== REPLICA) return reader.refuse('[0]', `'${PRIMARY}' or '${REPLICA}'`, role);

  const host = reader.text(parts[1], '', 1);
  if (host === '') return reader.refuse('[1]', 'the host of the primary', host);
  const port = reader.integer(parts[2], '', 2, 1, MAX_PORT);
  if (reader.text(parts[3], '', 3) !== 'connected') self.health = 'loading';
  const offset = integerOf(parts[4]);
  if (offset !== undefined && offset >= 0) self.replicationOffset = offset;
  return assemble(reader, 'ROLE', { endpoint: host, port, health: 'online' }, [self], asked);
}

function assemble(
  reader: ReplyReader,
  source: ViewSource,
  primary: NodeAttributes,
  replicas: readonly NodeAttributes[],
  asked: AskedReplicationNode,
): TopologyView {
  return assembleView(reader, source, 'standalone', [{ slots: ALL_SLOTS, primary, replicas }], asked);
}

/** `ip=10.0.0.7,port=6379,state=online,offset=1204,lag=0` */
function readReplicaLine(reader: ReplyReader, field: string, line: string): NodeAttributes {
  const parts = new Map(
    line.split(',').map((part): [string, string] => {
      const equals = part.indexOf('=');
      return equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
  const host = parts.get('ip');
  if (host === undefined || host === '')
    return reader.refuse(`${field}.ip`, 'the address of a replica', host);
  const offset = integerOf(parts.get('offset'));
  return {
    endpoint: host,
    port: reader.integer(parts.get('port'), field, 'port', 0, MAX_PORT),
    health: parts.get('state') === 'online' ? 'online' : 'loading',
    ...(offset === undefined ? {} : { replicationOffset: offset }),
  };
}
