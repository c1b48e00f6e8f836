import type { Direction } from './conditions.js';

/** What went through a proxy since its start, or since `resetCounters()`. */
export interface ProxyCounters {
  /** Connections of clients that are open now. */
  readonly openConnections: number;
  /** Connections of clients that were accepted. */
  readonly totalConnections: number;
  /** Bytes that came from clients. */
  readonly bytesToServer: number;
  /** Bytes that came from the server. */
  readonly bytesToClient: number;
  /**
   * How often each command came, by its upper-case name; a subcommand is part of it: `CLUSTER SHARDS`. Empty with TLS.
   * What the proxy answers itself is counted too.
   */
  readonly commands: Readonly<Record<string, number>>;
}

/** More names than there are commands: the rest is counted as one. */
const MAX_NAMES = 1_000;
const OTHER_NAMES = 'OTHER';

/** The running counts behind {@link ProxyCounters}. */
export class Counts {
  totalConnections = 0;
  readonly #bytes: Record<Direction, number> = { toServer: 0, toClient: 0 };
  readonly #commands: Map<string, number> = new Map();

  sawBytes(direction: Direction, count: number): void {
    this.#bytes[direction] += count;
  }

  sawCommand(name: string): void {
    const seen = this.#commands.get(name);
    if (seen !== undefined || this.#commands.size < MAX_NAMES) this.#commands.set(name, (seen ?? 0) + 1);
    else this.#commands.set(OTHER_NAMES, (this.#commands.get(OTHER_NAMES) ?? 0) + 1);
  }

  snapshot(openConnections: number): ProxyCounters {
    return {
      openConnections,
      totalConnections: this.totalConnections,
      bytesToServer: this.#bytes.toServer,
      bytesToClient: this.#bytes.toClient,
      commands: Object.fromEntries(this.#commands),
    };
  }

  reset(): void {
    this.totalConnections = 0;
    this.#bytes.toServer = 0;
    this.#bytes.toClient = 0;
    this.#commands.clear();
  }
}
