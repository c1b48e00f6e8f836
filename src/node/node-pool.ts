import { ClientClosedError, LinkLostError } from '../errors/index.js';
import type { Clock } from '../support/index.js';
import { Node, type NodeSettings } from './node.js';

/** Every node this client reaches, or has begun to part from. At most one {@link Node} per address. */
export class NodePool {
  readonly #settings: NodeSettings;
  readonly #nodes = new Map<string, Node>();
  readonly #leaving = new Set<Node>();
  #closed = false;

  constructor(settings: NodeSettings) {
    this.#settings = settings;
  }

  /** The node at an address, known from now on. Nothing is opened. */
  node(host: string, port: number, address: string): Node {
    let node = this.#nodes.get(address);
    if (node === undefined) {
      node = new Node(host, port, address, this.#settings);
      if (this.#closed) node.close(new ClientClosedError());
      this.#nodes.set(address, node);
    }
    return node;
  }

  find(address: string): Node | undefined {
    return this.#nodes.get(address);
  }

  values(): IterableIterator<Node> {
    return this.#nodes.values();
  }

  /** Every node that can still hold an attempt, those being parted from included. */
  *holders(): IterableIterator<Node> {
    yield* this.#nodes.values();
    yield* this.#leaving;
  }

  /** A node that is reached for one question only, at one of the addresses of its name. Its user closes it. */
  temporary(host: string, port: number, address: string, ip: string): Node {
    const node = new Node(host, port, address, this.#settings, ip);
    if (this.#closed) node.close(new ClientClosedError());
    return node;
  }

  /** Parts from all nodes but these: what is in flight is waited for, at most `drainMs`, then the link is closed. */
  retain(addresses: ReadonlySet<string>, drainMs: number): void {
    for (const [address, node] of this.#nodes) {
      if (addresses.has(address)) continue;
      this.#nodes.delete(address);
      this.#leaving.add(node);
      const why = node.isUsable ? 'has left the topology' : 'does not answer, and has left the topology';
      const left = new LinkLostError(`${address} ${why}`, { retryable: true });
      node.returnQueue(left);
      // What does not answer now will not answer because we wait.
      const patienceMs = node.isUsable ? drainMs : 0;
      void drainedWithin(node, patienceMs, this.#settings.clock).then(() => {
        node.close(left);
        this.#leaving.delete(node);
      });
    }
  }

  /** Waits for everything in flight, at most `drainMs`, then closes all links. Tells whether all had been answered. */
  async close(drainMs: number): Promise<boolean> {
    const nodes = [...this.holders()];
    const drained = await Promise.all(
      nodes.map((node) => drainedWithin(node, drainMs, this.#settings.clock)),
    );
    this.#closed = true;
    const all = [...this.holders()];
    for (const node of all) node.close(new ClientClosedError());
    await Promise.all(all.map((node) => node.ended()));
    return drained.every(Boolean);
  }
}

async function drainedWithin(node: Node, drainMs: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.schedule(drainMs, () => resolve(false));
    void node.drained().then(() => {
      timer.cancel();
      resolve(true);
    });
  });
}
