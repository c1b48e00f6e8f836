import type { Place } from './placement.js';
import { type Credentials, type FaultProxy, faultsOf, Proxy, type Surroundings } from './proxy/index.js';

/** What the proxies of a node are made with. */
export interface NodeProxySettings {
  readonly place: Place;
  readonly tls: boolean;
  /** Whether there is a cluster bus. */
  readonly isCluster: boolean;
  /** Milliseconds that each round trip of a client takes longer, always. */
  readonly baseLatencyMs: number;
  readonly seed: number;
  readonly credentials: Credentials;
  readonly surroundings: Surroundings;
}

/** The proxies before one node: one for clients and replication, one for the cluster bus. */
export class NodeProxies {
  /** What clients meet. */
  readonly faults: FaultProxy;
  readonly #proxies: readonly Proxy[];

  constructor(settings: NodeProxySettings) {
    const { place, tls, isCluster, baseLatencyMs, seed, credentials, surroundings } = settings;
    const { announced, own } = place;
    const common = { host: announced.host, seed, surroundings };
    const clients = new Proxy({
      ...common,
      port: announced.port,
      target: { host: own.host, port: own.port },
      isReadable: !tls,
      baseLatencyMs,
    });
    const bus = new Proxy({
      ...common,
      port: announced.busPort,
      target: { host: own.host, port: own.busPort },
      isReadable: false,
      baseLatencyMs: 0,
    });
    this.faults = faultsOf(clients, credentials);
    this.#proxies = isCluster ? [clients, bus] : [clients];
  }

  /** Where there is no process there is nobody to connect to. */
  async nodeDown(isDown: boolean): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.targetDown(isDown)));
  }

  /** To be called when the surroundings changed. */
  reconsider(): void {
    for (const proxy of this.#proxies) proxy.reconsider();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.stop()));
  }
}
