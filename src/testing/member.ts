import type { AdminLink, Argument, Reply } from './admin/index.js';
import { HarnessError } from './harness-error.js';
import type { NodeState, ServerProcess } from './process/index.js';

export type NodeRole = 'primary' | 'replica';

/** One node of a {@link LocalCluster}. The object stays the same for the node's life; role, state and pid are live. */
export interface LocalNode {
  /** The node's id, 40 hexadecimal digits. Lasts over restarts. */
  readonly id: string;
  /** `host:port` */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** Number of its shard. Numbers are never given twice in the life of a cluster. */
  readonly shard: number;
  /** As the living nodes see it; a dead primary stays one until a replica took its place. */
  readonly role: NodeRole;
  /** Undefined when the cluster was started without zones. */
  readonly availabilityZone: string | undefined;
  readonly state: NodeState;
  /** Undefined while the node is stopped. */
  readonly pid: number | undefined;
}

/** What stays the same in a member's life. */
export interface MemberIdentity {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
  readonly shard: number;
  /** The engine's own name of the shard. */
  readonly shardId: string;
  readonly availabilityZone: string | undefined;
}

/** A node together with its process and the harness's links to it. */
export class Member implements LocalNode {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
  readonly shard: number;
  readonly shardId: string;
  readonly availabilityZone: string | undefined;
  role: NodeRole;
  readonly #process: ServerProcess;
  readonly #links: readonly AdminLink[];

  constructor(identity: MemberIdentity, role: NodeRole, process: ServerProcess, links: readonly AdminLink[]) {
    this.id = identity.id;
    this.host = identity.host;
    this.port = identity.port;
    this.busPort = identity.busPort;
    this.shard = identity.shard;
    this.shardId = identity.shardId;
    this.availabilityZone = identity.availabilityZone;
    this.role = role;
    this.#process = process;
    this.#links = links;
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  get state(): NodeState {
    return this.#process.state;
  }

  get isRunning(): boolean {
    return this.state === 'running';
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get #link(): AdminLink {
    return this.#links[0] as AdminLink;
  }

  get process(): ServerProcess {
    return this.#process;
  }

  /** Sends an administrative command; see {@link AdminLink.call}. */
  call(...args: Argument[]): Promise<Reply> {
    return this.#link.call(args);
  }

  /** Sends many commands whose order does not matter, over all links. */
  async callAll(commands: ReadonlyArray<readonly Argument[]>): Promise<void> {
    await Promise.all(
      commands.map((args, i) => (this.#links[i % this.#links.length] as AdminLink).call(args)),
    );
  }

  /** As {@link Member.call}, for a command that may take long. */
  callWithin(timeoutMs: number, ...args: Argument[]): Promise<Reply> {
    return this.#link.call(args, timeoutMs);
  }

  /** Sends a command whose reply is one text. */
  async text(...args: Argument[]): Promise<string> {
    const reply = await this.call(...args);
    if (typeof reply === 'string' || Buffer.isBuffer(reply)) return reply.toString();
    throw new HarnessError(`${this.address} answered ${String(args[0])} with no text`);
  }

  /** Ends the process and the links to it. */
  async kill(): Promise<void> {
    for (const link of this.#links) link.close();
    await this.#process.kill();
  }
}
