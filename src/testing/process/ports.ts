import { createServer, type Server } from 'node:net';
import { HarnessError } from '../harness-error.js';

/**
 * Ports are handed out from blocks in this range. It lies below the ports that Linux (32768 and up) and macOS (49152
 * and up) give to outgoing connections: a port of a killed node cannot be taken by a client's own connection, nor can
 * a client that reconnects to it meet itself.
 */
const FIRST_PORT = 14_000;
const LAST_PORT = 31_999;
const BLOCK_SIZE = 100;
const BLOCK_COUNT = Math.floor((LAST_PORT - FIRST_PORT + 1) / BLOCK_SIZE);

/**
 * Free ports, none given twice. The first port of each block is held open for as long as the block is in use; other
 * harnesses on this machine, in whatever process, find it taken and go elsewhere. So two clusters never race for a
 * port, and a node that is down keeps its ports.
 */
export class PortPool {
  #guards: Server[] = [];
  #free: number[] = [];

  /** @throws {@link HarnessError} when every block is in use */
  async take(): Promise<number> {
    for (;;) {
      const port = this.#free.shift();
      if (port === undefined) await this.#takeBlock();
      else if (await isFree(port)) return port;
    }
  }

  async release(): Promise<void> {
    const guards = this.#guards;
    this.#guards = [];
    this.#free = [];
    await Promise.all(guards.map((guard) => new Promise((resolve) => guard.close(resolve))));
  }

  async #takeBlock(): Promise<void> {
    const start = Math.floor(Math.random() * BLOCK_COUNT);
    for (let i = 0; i < BLOCK_COUNT; i++) {
      const first = FIRST_PORT + ((start + i) % BLOCK_COUNT) * BLOCK_SIZE;
      const guard = await listen(first);
      if (!guard) continue;
      this.#guards.push(guard);
      this.#free = Array.from({ length: BLOCK_SIZE - 1 }, (_, offset) => first + 1 + offset);
      return;
    }
    throw new HarnessError(
      `No free ports: all ${BLOCK_COUNT} blocks of ${FIRST_PORT}-${LAST_PORT} are in use`,
    );
  }
}

/** Undefined when the port is taken. Does not keep the process alive. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (!server) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}
