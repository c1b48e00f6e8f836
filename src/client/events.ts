import type { RefreshTrigger } from '../discovery/index.js';
import type { AttemptRecord, Executed } from '../errors/index.js';
import type { TopologyFact } from '../topology/index.js';

/**
 * Everything that can be listened to, with what each listener is given. Payloads are frozen, hold no keys, values or
 * secrets, and are built only when somebody listens. The same objects are published on `diagnostics_channel` as
 * `slotwise:<subject>:<event>`, for example `slotwise:topology:changed`.
 * @public
 */
export interface ClientEvents {
  /** The first topology is known: commands can be sent. */
  clientReady: { readonly nodes: number; readonly shards: number; readonly durationMs: number };
  /** The client is closed; no event follows. */
  clientClosed: { readonly drained: boolean };
  /** Another topology is in force. `facts` says what is different. */
  topologyChanged: {
    readonly version: number;
    readonly trigger: RefreshTrigger;
    readonly facts: readonly TopologyFact[];
  };
  /** A refresh came to an end with a topology, changed or not. */
  topologyRefreshed: {
    readonly trigger: RefreshTrigger;
    readonly changed: boolean;
    readonly asked: readonly string[];
    readonly durationMs: number;
  };
  /** Nobody could be asked. The topology known so far stays in force. */
  topologyRefreshFailed: { readonly trigger: RefreshTrigger; readonly error: Error };
  /** A link is open for commands. */
  linkOpened: { readonly node: string };
  /** A link could not be opened, or its credentials were refused. */
  linkFailed: { readonly node: string; readonly error: Error };
  /** An open link came to its end. */
  linkClosed: { readonly node: string; readonly error: Error };
  /** A node does not answer: reads go elsewhere, writes wait. */
  nodeSuspected: { readonly node: string };
  /** A node that was suspect or down is used again. */
  nodeRecovered: { readonly node: string };
  /** The breaker of a node has opened: the node is passed over. */
  circuitOpened: { readonly node: string; readonly reason: Error | undefined };
  /** The rest of a node is over: it is probed once. */
  circuitHalfOpened: { readonly node: string };
  /** The node answered: its breaker is closed. */
  circuitClosed: { readonly node: string };
  /** A node sent a command elsewhere. */
  commandRedirected: {
    readonly command: string;
    readonly kind: 'moved' | 'ask';
    readonly slot: number;
    readonly from: string;
    readonly to: string;
  };
  /** A command is sent again. */
  commandRetried: { readonly command: string; readonly attempt: AttemptRecord; readonly delayMs: number };
  /** A call ended with an error. */
  commandFailed: { readonly command: string; readonly error: Error; readonly executed: Executed };
}

/** @public */
export type ClientEvent = keyof ClientEvents;

/** The diagnostics channel of each event. */
export const CHANNEL_OF: { readonly [E in ClientEvent]: string } = {
  clientReady: 'slotwise:client:ready',
  clientClosed: 'slotwise:client:closed',
  topologyChanged: 'slotwise:topology:changed',
  topologyRefreshed: 'slotwise:topology:refreshed',
  topologyRefreshFailed: 'slotwise:topology:refreshFailed',
  linkOpened: 'slotwise:link:opened',
  linkFailed: 'slotwise:link:failed',
  linkClosed: 'slotwise:link:closed',
  nodeSuspected: 'slotwise:node:suspected',
  nodeRecovered: 'slotwise:node:recovered',
  circuitOpened: 'slotwise:circuit:opened',
  circuitHalfOpened: 'slotwise:circuit:halfOpened',
  circuitClosed: 'slotwise:circuit:closed',
  commandRedirected: 'slotwise:command:redirected',
  commandRetried: 'slotwise:command:retried',
  commandFailed: 'slotwise:command:failed',
};
