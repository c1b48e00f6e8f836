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
  hostname?: string | undefined;
  ip?: string | undefined;
  port?: number | undefined;
  nodeId?: string | undefined;
  health: NodeHealth;
  zoneName?: string | undefined;
  replicationOffset?: number | undefined;
  metadata?: Record<string, string> | undefined;
}

/** For the one place that puts a value together. */
export type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

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
  const who = (): string => `node ${nodeId ?? `with port ${port}`}`;
  if (host === '') return { reason: `the host of ${who()} is not known` };
  if (!isHost(host)) return { reason: `the host of ${who()} is no host name: '${host}'` };
  if (port === undefined || !isPort(port)) {
    return {
      reason: `no ${tls ? 'TLS' : 'plain-text'} port of ${nodeId === undefined ? host : who()} is known`,
    };
  }
  const address = formatAddress(host, port);
  const { health } = attributes;
  const metadata = attributes.metadata === undefined ? NO_METADATA : Object.freeze(attributes.metadata);
  // Nearly all nodes tell their ids and no more: properties that are added later cost memory of their own.
  const node: Mutable<NodeView> = nodeId
    ? { address, host, port, health, metadata, nodeId }
    : { address, host, port, health, metadata };
  if (hostname && isIpAddress(host)) node.tlsHostname = hostname.toLowerCase();
  if (ip && ip !== host) node.ip = ip;
  if (zoneName) node.availabilityZone = Object.freeze({ name: zoneName });
  if (replicationOffset !== undefined) node.replicationOffset = replicationOffset;
  return node;
}

function chooseHost({ endpoint, hostname, ip }: NodeAttributes, askedHost: string): string | undefined {
  if (endpoint === undefined || endpoint === '') return askedHost;
  if (endpoint !== UNKNOWN_ENDPOINT) return endpoint;
  return hostname || (ip === UNKNOWN_ENDPOINT ? undefined : ip);
}
