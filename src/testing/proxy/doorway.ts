import { createServer, type Server, type Socket } from 'node:net';
import { HarnessError } from '../harness-error.js';

/** A port that can be closed and opened again: while it is closed, connections to it are refused by the kernel. */
export class Doorway {
  readonly host: string;
  readonly port: number;
  readonly #onSocket: (socket: Socket) => void;
  #server: Server | undefined;

  constructor(host: string, port: number, onSocket: (socket: Socket) => void) {
    this.host = host;
    this.port = port;
    this.#onSocket = onSocket;
  }

  async open(): Promise<void> {
    if (this.#server) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, this.#onSocket);
    this.#server = server;
    // Whoever uses the proxy keeps the process alive; an open door does not.
    server.unref();
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        this.#server = undefined;
        reject(new HarnessError(`A proxy cannot listen on ${this.host}:${this.port}: ${error.message}`));
      });
      server.listen({ host: this.host, port: this.port, exclusive: true }, () => {
        // Whoever cannot be let in, for want of file descriptors, finds out by himself.
        server.on('error', () => undefined);
        resolve();
      });
    });
  }

  /** Lets nobody in any more. Those who are in stay. */
  close(): void {
    this.#server?.close();
    this.#server = undefined;
  }
}
