import { createServer } from 'node:net';
import { HarnessError } from './harness-error.js';
import type { ResolvedLocalClusterOptions } from './options.js';
import type { PortPool } from './process/index.js';

/** Where something listens: for clients, and for the cluster bus. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
}

/** The addresses of one node. */
export interface Place {
  /** What clients and other nodes are told. */
  readonly announced: Endpoint;
  /** Where the server itself listens: the same without a proxy. */
  readonly own: Endpoint;
  /** What the server's outgoing connections come from. Undefined when it shares that with everybody. */
  readonly source: string | undefined;
}

const SHARED_HOST = '127.0.0.1';
/** 127.77.0.0/16 */
const OWN_HOSTS = '127.77';
const OWN_HOST_COUNT = 65_536;

/**
 * Gives each node its place. Nodes that are proxied, or have `distinct` addresses, get a loopback address of their own:
 * by that proxies know which node a connection comes from, where nothing else would tell.
 */
export class Placement {
  readonly #options: ResolvedLocalClusterOptions;
  readonly #ports: Pick<PortPool, 'take'>;
  readonly #problemWith: (host: string) => Promise<string | undefined>;
  /** The same for all nodes with distinct addresses, as in ElastiCache. */
  #common: Promise<readonly [announced: Endpoint, own: Endpoint]> | undefined;
  #given = 0;

  /** @param problemWith - tells why nobody can listen at an address; undefined when one can */
  constructor(
    options: ResolvedLocalClusterOptions,
    ports: Pick<PortPool, 'take'>,
    problemWith: (host: string) => Promise<string | undefined> = problemAt,
  ) {
    this.#options = options;
    this.#ports = ports;
    this.#problemWith = problemWith;
  }

  /** @throws {@link HarnessError} when the machine lacks the addresses that the options need */
  async check(): Promise<void> {
    const { proxied, addresses } = this.#options;
    if (!proxied && addresses === 'shared') return;
    const host = hostOf(1);
    const problem = await this.#problemWith(host);
    if (problem === undefined) return;
    const option = proxied ? '`proxied: true`' : "`addresses: 'distinct'`";
    throw new HarnessError(
      `${option} gives each node a loopback address of its own, and ${host} cannot be used here: ${problem}. ` +
        'Linux has them all; on macOS add one for each node, from 127.77.0.1 on: sudo ifconfig lo0 alias 127.77.0.1',
    );
  }

  /** No two calls give the same. */
  async next(): Promise<Place> {
    const { proxied, addresses } = this.#options;
    const number = ++this.#given;
    if (number >= OWN_HOST_COUNT)
      throw new HarnessError(`No more than ${OWN_HOST_COUNT - 1} nodes in a life`);
    if (!proxied && addresses === 'shared') {
      const endpoint = await this.#endpoint();
      return { announced: endpoint, own: endpoint, source: undefined };
    }
    const source = hostOf(number);
    if (addresses === 'shared') {
      return { announced: await this.#endpoint(), own: await this.#endpoint(), source };
    }
    this.#common ??= this.#commonEndpoints(proxied);
    const [announced, own] = await this.#common;
    return { announced: { ...announced, host: source }, own: { ...own, host: source }, source };
  }

  async #commonEndpoints(proxied: boolean): Promise<readonly [Endpoint, Endpoint]> {
    const announced = await this.#endpoint();
    return [announced, proxied ? await this.#endpoint() : announced];
  }

  async #endpoint(): Promise<Endpoint> {
    return { host: SHARED_HOST, port: await this.#ports.take(), busPort: await this.#ports.take() };
  }
}

function hostOf(number: number): string {
  return `${OWN_HOSTS}.${number >> 8}.${number & 0xff}`;
}

function problemAt(host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(error.message));
    server.listen({ host, port: 0 }, () => server.close(() => resolve(undefined)));
  });
}
