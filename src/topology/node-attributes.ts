import { formatAddress, isHost, isIpAddress, isPort } from './address.js';
import type { NodeHealth } from './node.js';
import type { NodeView } from './view.js';

/** Who was asked, and how: what a reply leaves unsaid because the asker knows it. */
export interface AskedNode {
  /** Host that was asked; stands in wherever a node answers with an empty endpoint for "the one you asked". */
  readonly askedHost: string;
  /** Whether our links use TLS: the nodes' TLS ports are taken then. */
  readonly tls: boolean;
}

/** What a reply said of one node, before it is decided how to reach it. */
export interface NodeAttributes {
  /** Preferred endpoint. `undefined` and `''`: the host that was asked. `'?'`: not known to the one who answered. */
  endpoint?: string | undefined;
  hostname?: string;
  ip?: string;
  port?: number;
  nodeId?: string;
  health: NodeHealth;
  zoneName?: string;
  replicationOffset?: number;
  metadata?: Record<string, string>;
}

/** Why a node cannot be used. */
export interface Unreachable {
  readonly reason: string;
}

const UNKNOWN_ENDPOINT = '?';
const NO_METADATA: Readonly<Record<string, string>> = Object.freeze({});

/**
 * Decides by which address a node is reached.
 *
 * An empty `hostname` counts as none (ElastiCache sends one for plaintext clusters). Endpoint `?` falls back on the
 * host name, then on the IP address.
 */
export function reachNode(attributes: NodeAttributes, { askedHost, tls }: AskedNode): NodeView | Unreachable {
  const { hostname, ip, port, nodeId, zoneName, replicationOffset } = attributes;
  const host = (chooseHost(attributes, askedHost) ?? '').toLowerCase();
  const who = `node ${nodeId ?? `with port ${port}`}`;
  if (host === '') return { reason: `the host of ${who} is not known` };
  if (!isHost(host)) return { reason: `the host of ${who} is no host name: '${host}'` };
  if (port === undefined || !isPort(port)) {
    return {
      reason: `no ${tls ? 'TLS' : 'plain-text'} port of ${nodeId === undefined ? host : who} is known`,
    };
  }
  return {
    address: formatAddress(host, port),
    host,
    port,
    ...(hostname && isIpAddress(host) ? { tlsHostname: hostname.toLowerCase() } : {}),
    ...(nodeId ? { nodeId } : {}),
    health: attributes.health,
    ...(zoneName ? { availabilityZone: Object.freeze({ name: zoneName }) } : {}),
    ...(replicationOffset === undefined ? {} : { replicationOffset }),
    ...(ip && ip !== host ? { ip } : {}),
    metadata: attributes.metadata === undefined ? NO_METADATA : Object.freeze(attributes.metadata),
  };
}

function chooseHost({ endpoint, hostname, ip }: NodeAttributes, askedHost: string): string | undefined {
  if (endpoint === undefined || endpoint === '') return askedHost;
  if (endpoint !== UNKNOWN_ENDPOINT) return endpoint;
  return hostname || (ip === UNKNOWN_ENDPOINT ? undefined : ip);
}
