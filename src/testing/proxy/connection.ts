import { connect, type Socket } from 'node:net';
import type { Random } from '../../support/index.js';
import type { Conditions, Direction } from './conditions.js';
import type { Counts } from './counters.js';
import { Dialogue, UnreadDialogue } from './dialogue.js';
import { type Ending, Lane } from './lane.js';
import type { ReplyFaults } from './reply-faults.js';

/** What a connection is given by the proxy it passes. */
export interface ConnectionSettings {
  readonly target: { readonly host: string; readonly port: number };
  readonly conditions: Readonly<Record<Direction, Conditions>>;
  readonly random: Random;
  readonly replyFaults: ReplyFaults;
  /** Whether what passes can be read; bytes that cannot are passed as they come. */
  readonly isReadable: boolean;
  /** Undefined: nobody counts. */
  readonly counts: Counts | undefined;
  /** Both sides are closed. */
  onClose(): void;
}

/**
 * A client's connection to a proxy, and the proxy's connection to the server. The second is opened when something may
 * pass: behind a network that lets nothing through, a server does not hear of a client.
 *
 * What a server would do to commands and replies happens next to the server; what a network does, between that and the
 * client.
 */
export class Connection {
  readonly #client: Socket;
  readonly #settings: ConnectionSettings;
  readonly #toServer: Lane;
  readonly #toClient: Lane;
  readonly #dialogue: Dialogue | UnreadDialogue;
  #server: Socket | undefined;
  #openSides = 1;

  constructor(client: Socket, settings: ConnectionSettings, isSevered: boolean) {
    this.#client = client;
    this.#settings = settings;
    const { conditions, random, replyFaults, isReadable } = settings;
    const Conversation = isReadable ? Dialogue : UnreadDialogue;
    this.#dialogue = new Conversation(replyFaults, {
      toServer: (bytes) => writeTo(this.#server as Socket, bytes),
      toClient: (bytes) => this.#toClient.push(bytes),
      close: () => this.#closeBehind(),
      sawCommand: (name) => settings.counts?.sawCommand(name),
    });
    this.#toServer = new Lane(
      client,
      {
        write: (bytes) => this.#dialogue.request(bytes),
        finish: (ending) => finish(this.#server as Socket, ending),
      },
      conditions.toServer,
      random,
    );
    this.#toClient = new Lane(
      { pause: () => this.#server?.pause(), resume: () => this.#server?.resume() },
      { write: (bytes) => writeTo(client, bytes), finish: (ending) => finish(client, ending) },
      conditions.toClient,
      random,
    );
    this.#listenToClient();
    this.sever(isSevered);
  }

  /** Nothing passes either way until it is told otherwise. */
  sever(isSevered: boolean): void {
    this.#toServer.isSevered = isSevered;
    this.#toClient.isSevered = isSevered;
    this.refresh();
  }

  /** To be called when conditions changed. */
  refresh(): void {
    if (!this.#server && !this.#toServer.isHeld && !this.#client.destroyed) this.#openServer();
    if (this.#server) this.#toServer.pump();
    this.#toClient.pump();
  }

  /** Breaks both sides off (RST). */
  reset(): void {
    this.#closeLanes();
    resetSocket(this.#client);
    if (this.#server !== undefined) resetSocket(this.#server);
  }

  /** Leaves nothing behind. */
  destroy(): void {
    this.#closeLanes();
    this.#client.destroy();
    this.#server?.destroy();
  }

  /** The server is gone at once; the client gets what was sent to it before. */
  #closeBehind(): void {
    this.#toServer.close();
    this.#server?.destroy();
    this.#toClient.finish('close');
  }

  #listenToClient(): void {
    const client = this.#client;
    client.unref();
    client.setNoDelay(true);
    client.on('data', (bytes: Buffer) => {
      this.#settings.counts?.sawBytes('toServer', bytes.length);
      this.#toServer.push(bytes);
    });
    client.on('end', () => this.#clientEnded('end'));
    client.on('error', () => this.#clientEnded('reset'));
    client.on('drain', () => this.#toClient.drained());
    client.on('close', () => this.#sideClosed());
  }

  #clientEnded(ending: Ending): void {
    // The server has not heard of this client, and never will.
    if (!this.#server) this.destroy();
    else this.#toServer.finish(ending);
  }

  #openServer(): void {
    const { host, port } = this.#settings.target;
    const server = connect({ host, port, noDelay: true, allowHalfOpen: true });
    this.#server = server;
    this.#openSides++;
    server.unref();
    server.on('data', (bytes: Buffer) => {
      this.#settings.counts?.sawBytes('toClient', bytes.length);
      this.#dialogue.reply(bytes);
    });
    server.on('end', () => this.#toClient.finish('end'));
    server.on('error', () => this.#toClient.finish('reset'));
    server.on('drain', () => this.#toServer.drained());
    server.on('close', () => this.#sideClosed());
  }

  #sideClosed(): void {
    this.#openSides--;
    if (this.#openSides > 0) return;
    this.#closeLanes();
    this.#settings.onClose();
  }

  #closeLanes(): void {
    this.#toServer.close();
    this.#toClient.close();
  }
}

/** Bytes for a socket that is gone are lost, as on a real network. */
function writeTo(socket: Socket, bytes: Buffer): boolean {
  return socket.destroyed || !socket.writable || socket.write(bytes);
}

function finish(socket: Socket, ending: Ending): void {
  if (socket.destroyed) return;
  if (ending === 'end') socket.end();
  else if (ending === 'close') socket.destroySoon();
  else resetSocket(socket);
}

/** Breaks off with RST. A socket that is ending already cannot: Node 20 would leave its handle behind, open for ever. */
function resetSocket(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
