import type { AdminLink, Argument, Reply } from './admin/index.js';
import { HarnessError } from './harness-error.js';
import type { NodeProxies } from './node-proxies.js';
import type { Endpoint, Place } from './placement.js';
import type { NodeState, ServerProcess } from './process/index.js';

export type NodeRole = 'primary' | 'replica';

/** One node of a {@link LocalCluster}. The object stays the same for the node's life; role, state and pid are live. */
export interface LocalNode {
  /** The node's id, 40 hexadecimal digits. Lasts over restarts. */
  readonly id: string;
  /** Where clients connect, `host:port`: the proxy, if there is one. */
  readonly address: string;
  /** Past the proxy, for whoever watches from behind the scenes; without a proxy the same as `address`. */
  readonly directAddress: string;
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
  readonly place: Place;
  readonly shard: number;
  /** The engine's own name of the shard. */
  readonly shardId: string;
  readonly availabilityZone: string | undefined;
}

/** What makes a member work. */
export interface MemberParts {
  readonly process: ServerProcess;
  /** Of the harness, past the proxies. */
  readonly links: readonly AdminLink[];
  readonly proxies: NodeProxies | undefined;
}

/** A node together with its process, its proxies, and the harness's links to it. */
export class Member implements LocalNode {
  readonly id: string;
  readonly place: Place;
  readonly shard: number;
  readonly shardId: string;
  readonly availabilityZone: string | undefined;
  role: NodeRole;
  /** Nodes of one number reach each other; 0 is where clients and everybody else are. */
  island = 0;
  readonly #parts: MemberParts;

  constructor(identity: MemberIdentity, role: NodeRole, parts: MemberParts) {
    this.id = identity.id;
    this.place = identity.place;
    this.shard = identity.shard;
    this.shardId = identity.shardId;
    this.availabilityZone = identity.availabilityZone;
    this.role = role;
    this.#parts = parts;
  }

  get host(): string {
    return this.place.announced.host;
  }

  get port(): number {
    return this.place.announced.port;
  }

  get busPort(): number {
    return this.place.announced.busPort;
  }

  /** Where the server itself listens. */
  get own(): Endpoint {
    return this.place.own;
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  get directAddress(): string {
    return `${this.own.host}:${this.own.port}`;
  }

  get state(): NodeState {
    return this.process.state;
  }

  get isRunning(): boolean {
    return this.state === 'running';
  }

  /** It runs, and no partition keeps it from the others. */
  get isReachable(): boolean {
    return this.isRunning && this.island === 0;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  get process(): ServerProcess {
    return this.#parts.process;
  }

  get proxies(): NodeProxies | undefined {
    return this.#parts.proxies;
  }

  get #link(): AdminLink {
    return this.#parts.links[0] as AdminLink;
  }

  /** Sends an administrative command; see {@link AdminLink.call}. */
  call(...args: Argument[]): Promise<Reply> {
    return this.#link.call(args);
  }

  /** Sends many commands whose order does not matter, over all links. */
  async callAll(commands: ReadonlyArray<readonly Argument[]>): Promise<void> {
    const { links } = this.#parts;
    await Promise.all(commands.map((args, i) => (links[i % links.length] as AdminLink).call(args)));
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

  /** Starts the process; whether it serves is to be asked. */
  async start(): Promise<void> {
    await this.proxies?.nodeDown(false);
    try {
      this.process.start();
    } catch (error) {
      await this.proxies?.nodeDown(true);
      throw error;
    }
  }

  /** Ends the process and the links to it. */
  async kill(): Promise<void> {
    for (const link of this.#parts.links) link.close();
    await this.process.kill();
    await this.proxies?.nodeDown(true);
  }

  /** Ends everything, and leaves nothing open. */
  async dispose(): Promise<void> {
    await this.kill();
    await this.proxies?.stop();
  }
}
