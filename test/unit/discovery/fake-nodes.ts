import { RequestWriter } from '../../../src/commands/index.js';
import type { Askable, NodeSource } from '../../../src/discovery/ask-node.js';
import type { Attempt } from '../../../src/node/index.js';
import { formatAddress } from '../../../src/topology/index.js';

/** What a node answers to a command: a reply, an error, or nothing at all. */
export type Reaction =
  | { readonly reply: unknown }
  | { readonly error: string }
  | { readonly lost: Error }
  | 'hangs';

/** A node that answers as a test says: for what no real server can be made to show at a chosen moment. */
export class FakeNode implements Askable {
  readonly host: string;
  readonly port: number;
  readonly address: string;
  isUsable = true;
  /** Commands it was sent, in order. */
  readonly asked: string[] = [];
  readonly unanswered: Attempt[] = [];
  closed: Error | undefined;
  react: (command: string) => Reaction;

  constructor(host: string, port: number, react: (command: string) => Reaction) {
    this.host = host;
    this.port = port;
    this.address = formatAddress(host, port);
    this.react = react;
  }

  send(attempt: Attempt): void {
    const command = textOf(attempt);
    this.asked.push(command);
    const reaction = this.react(command);
    if (reaction === 'hangs') {
      this.unanswered.push(attempt);
      return;
    }
    queueMicrotask(() => {
      if (attempt.settled) return;
      if ('reply' in reaction) attempt.succeeded(reaction.reply);
      else if ('error' in reaction) attempt.failed({ kind: 'reply', message: reaction.error });
      else attempt.failed({ kind: 'link', executed: 'no', error: reaction.lost });
    });
  }

  close(reason: Error): void {
    this.closed = reason;
    for (const attempt of this.unanswered) {
      if (!attempt.settled) attempt.failed({ kind: 'link', executed: 'maybe', error: reason });
    }
  }

  /** How often it was asked for the topology. */
  get questions(): number {
    return this.asked.filter((command) => command === 'CLUSTER SHARDS').length;
  }
}

/** Nodes by address; those that nobody has told of hang. */
export class FakeNodes implements NodeSource {
  readonly #nodes = new Map<string, FakeNode>();
  /** Nodes that were opened for one question, in order. */
  readonly temporaries: FakeNode[] = [];
  /** Reactions of the nodes behind a name, by IP address. */
  readonly behind: Map<string, (command: string) => Reaction> = new Map();

  add(address: string, react: (command: string) => Reaction): FakeNode {
    const colon = address.lastIndexOf(':');
    const node = new FakeNode(address.slice(0, colon), Number(address.slice(colon + 1)), react);
    this.#nodes.set(address, node);
    return node;
  }

  node(host: string, port: number, address: string): FakeNode {
    return this.#nodes.get(address) ?? this.add(formatAddress(host, port), () => 'hangs');
  }

  find(address: string): FakeNode | undefined {
    return this.#nodes.get(address);
  }

  temporary(host: string, port: number, _address: string, ip: string): FakeNode {
    const node = new FakeNode(host, port, this.behind.get(ip) ?? (() => 'hangs'));
    this.temporaries.push(node);
    return node;
  }
}

/** The shard of a reply to CLUSTER SHARDS, and who is in it: the primary first. */
export type Layout = ReadonlyArray<readonly [first: number, last: number, ...addresses: string[]]>;

/** A node that tells a cluster as CLUSTER SHARDS and CLUSTER INFO do. */
export function tells(layout: Layout, epoch = 1): (command: string) => Reaction {
  const reply = layout.map(([first, last, ...addresses]) => [
    'slots',
    [first, last],
    'nodes',
    addresses.map((address, i) => {
      const [host, port] = address.split(':');
      return [
        'id',
        `id-${address}`,
        'port',
        Number(port),
        'ip',
        host,
        'endpoint',
        host,
        'role',
        i === 0 ? 'master' : 'replica',
        'health',
        'online',
      ];
    }),
  ]);
  const info = `cluster_state:ok\r\ncluster_current_epoch:${epoch}\r\ncluster_my_epoch:${epoch}\r\n`;
  return (command) => {
    if (command === 'CLUSTER SHARDS') return { reply };
    return command === 'CLUSTER INFO' ? { reply: info } : { error: `ERR unknown command '${command}'` };
  };
}

/** Lets everything happen that only waits for its turn. */
export function turns(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function textOf(attempt: Attempt): string {
  const writer = new RequestWriter();
  attempt.encode(writer);
  const lines = Buffer.concat(writer.take()).toString().split('\r\n');
  return lines
    .filter((_line, i) => i % 2 === 0 && i > 0)
    .join(' ')
    .trim();
}
