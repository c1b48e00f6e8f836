import type { Socket } from 'node:net';
import { type Random, seededRandom } from '../../support/index.js';
import { type Conditions, type Direction, plainConditions } from './conditions.js';
import { Connection } from './connection.js';
import { Counts, type ProxyCounters } from './counters.js';
import { Doorway } from './doorway.js';
import { ReplyFaults } from './reply-faults.js';

/** Who may reach the target, as far as it depends on where a connection comes from. */
export interface Surroundings {
  /** Connections between nodes are no concern of a client's faults. */
  isNode(sourceAddress: string): boolean;
  /** Nothing passes between that source and the target. */
  isSevered(sourceAddress: string): boolean;
}

/** What a proxy is made with. */
export interface ProxySettings {
  readonly host: string;
  readonly port: number;
  readonly target: { readonly host: string; readonly port: number };
  /** Whether commands and replies can be read; not so with TLS and on the cluster bus. */
  readonly isReadable: boolean;
  readonly seed: number;
  /** Latency that is there without any fault, in milliseconds for each round trip. */
  readonly baseLatencyMs: number;
  readonly surroundings: Surroundings;
}

const UNDISTURBED: Readonly<Record<Direction, Conditions>> = {
  toServer: plainConditions(),
  toClient: plainConditions(),
};
const NO_FAULTS = new ReplyFaults();

/** Where a connection comes from. */
interface Origin {
  readonly source: string;
  readonly isNode: boolean;
}

/** The way to one target, with the state that all connections on it share. */
export class Proxy {
  readonly settings: ProxySettings;
  /** For clients; between nodes nothing changes but what {@link Surroundings} severs. */
  readonly conditions: Readonly<Record<Direction, Conditions>> = {
    toServer: plainConditions(),
    toClient: plainConditions(),
  };
  readonly replyFaults: ReplyFaults = new ReplyFaults();
  readonly #counts = new Counts();
  readonly #random: Random;
  readonly #doorway: Doorway;
  readonly #connections: Map<Connection, Origin> = new Map();
  /** A fault; the target's own absence is the other reason for a closed door. */
  #isRefusing = false;
  #isTargetDown = false;
  #isStopped = false;
  #doorMoved: Promise<void> = Promise.resolve();

  constructor(settings: ProxySettings) {
    this.settings = settings;
    this.#random = seededRandom(settings.seed);
    this.conditions.toClient.latencyMs = settings.baseLatencyMs;
    this.#doorway = new Doorway(settings.host, settings.port, (socket) => this.#admit(socket));
  }

  get counters(): ProxyCounters {
    return this.#counts.snapshot(this.#clients().length);
  }

  resetCounters(): void {
    this.#counts.reset();
  }

  get isRefusing(): boolean {
    return this.#isRefusing;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Opens the door for the first time. */
  open(): Promise<void> {
    return this.#moveDoor();
  }

  refuse(isRefusing: boolean): Promise<void> {
    this.#isRefusing = isRefusing;
    return this.#moveDoor();
  }

  /** While the target is down its proxy refuses connections as the target's own port would. */
  targetDown(isTargetDown: boolean): Promise<void> {
    this.#isTargetDown = isTargetDown;
    return this.#moveDoor();
  }

  /** To be called when conditions changed. */
  refresh(): void {
    for (const connection of this.#connections.keys()) connection.refresh();
  }

  /** To be called when the surroundings changed. */
  reconsider(): void {
    for (const [connection, { source }] of this.#connections) {
      connection.sever(this.settings.surroundings.isSevered(source));
    }
  }

  /** Breaks off every client's connection. @returns how many there were */
  resetClients(): number {
    const clients = this.#clients();
    for (const connection of clients) connection.reset();
    return clients.length;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const connection of this.#connections.keys()) connection.destroy();
    await this.#moveDoor();
  }

  #clients(): Connection[] {
    return [...this.#connections].flatMap(([connection, { isNode }]) => (isNode ? [] : [connection]));
  }

  /** One move after another, each to where the door belongs by then. */
  #moveDoor(): Promise<void> {
    const move = async (): Promise<void> => {
      if (this.#isStopped || this.#isRefusing || this.#isTargetDown) this.#doorway.close();
      else await this.#doorway.open();
    };
    const moved = this.#doorMoved.then(move);
    // The next move is made whether or not this one succeeds; its caller learns of a failure.
    this.#doorMoved = moved.catch(() => undefined);
    return moved;
  }

  #admit(socket: Socket): void {
    // Undefined when the client has gone again already.
    const source = socket.remoteAddress;
    if (source === undefined || this.#isStopped) {
      socket.destroy();
      return;
    }
    const { target, isReadable, surroundings } = this.settings;
    const isNode = surroundings.isNode(source);
    const common = { target, random: this.#random, onClose: () => this.#connections.delete(connection) };
    const connection: Connection = new Connection(
      socket,
      isNode
        ? { ...common, conditions: UNDISTURBED, replyFaults: NO_FAULTS, isReadable: false, counts: undefined }
        : {
            ...common,
            conditions: this.conditions,
            replyFaults: this.replyFaults,
            isReadable,
            counts: this.#counts,
          },
      surroundings.isSevered(source),
    );
    if (!isNode) this.#counts.totalConnections++;
    this.#connections.set(connection, { source, isNode });
  }
}
