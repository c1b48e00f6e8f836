import type { LookupFunction } from 'node:net';
import { ClientClosedError } from '../errors/index.js';
import { type BreakerWindows, type NodeSettings, openSocket } from '../node/index.js';
import type { Clock, Random } from '../support/index.js';
import type { EventHub } from '../telemetry/index.js';
import type { ClientEvents } from './events.js';
import type { ClientConfig } from './resolve-options.js';

/** What the nodes of a client are reached with, by its options. */
export function nodeSettings(
  config: ClientConfig,
  events: EventHub<ClientEvents>,
  windows: BreakerWindows,
  clock: Clock,
  random: Random,
): NodeSettings {
  const { options, tls, credentials, lookup, addressMap } = config;
  const { links, commands, breaker, clientName } = options;
  return {
    tls: tls !== undefined,
    connectTimeoutMs: links.connectTimeoutMs,
    keepAliveMs: links.keepAliveMs,
    hungAfterMs: links.hungAfterMs,
    dropAfterMs: links.dropAfterMs,
    maxInFlight: commands.maxInFlightPerNode,
    maxQueued: commands.maxQueuedPerNode,
    reconnectBaseMs: links.reconnectBaseMs,
    reconnectMaxMs: links.reconnectMaxMs,
    breaker,
    windows,
    clientName,
    clock,
    random,
    getCredentials: credentials === undefined ? undefined : () => credentials.getCredentials(),
    openSocket: (host, port, ip) => {
      const target = addressMap === undefined ? { host, port } : addressMap({ host, port });
      return openSocket({
        host: target.host,
        port: target.port,
        tls,
        // An address is that of the name that was asked for, not of where we are sent instead.
        lookup: ip === undefined || target.host !== host ? lookup : pinned(ip),
      });
    },
    onLinkOpened: (node) => events.emit('linkOpened', () => ({ node: node.address })),
    onLinkClosed: (node, error, wasOpen) => {
      if (wasOpen) events.emit('linkClosed', () => ({ node: node.address, error }));
      else if (!(error instanceof ClientClosedError))
        events.emit('linkFailed', () => ({ node: node.address, error }));
    },
    onCircuit: (node, state) => {
      const { address, whyDown } = node;
      if (state === 'open') events.emit('circuitOpened', () => ({ node: address, reason: whyDown }));
      else if (state === 'halfOpen') events.emit('circuitHalfOpened', () => ({ node: address }));
      else events.emit('circuitClosed', () => ({ node: address }));
    },
  };
}

/** Resolves every name to one address: the certificate is still checked against the name. */
function pinned(ip: string): LookupFunction {
  const family = ip.includes(':') ? 6 : 4;
  return (_host, { all }, callback) => {
    if (all === true) callback(null, [{ address: ip, family }]);
    else callback(null, ip, family);
  };
}
