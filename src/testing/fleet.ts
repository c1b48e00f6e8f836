import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from '../errors/index.js';
import { AdminLink, type AdminTarget } from './admin/index.js';
import { eventually } from './eventually.js';
import { HarnessError } from './harness-error.js';
import { type LocalNode, Member, type MemberIdentity, type NodeRole } from './member.js';
import { folderOf, nodeDirectives } from './node-config.js';
import { NodeProxies } from './node-proxies.js';
import { ADMIN_USER, type ResolvedLocalClusterOptions } from './options.js';
import { Placement } from './placement.js';
import { configText, type Directive, PortPool, ServerProcess, Watchdog } from './process/index.js';
import { isAtLeast, type ServerBinary } from './server-binary/index.js';
import { checkSlot, slotOfKey } from './slots.js';
import { type Certificates, createCertificates } from './tls/index.js';
import { inspectCluster, inspectStandalone, type NodeLine, Ownership, parseNodes } from './view/index.js';
import { nextZone } from './zones.js';

/** Until all nodes agree. Far more than any verb needs on an idle machine; a busy one gets its time. */
const AGREEMENT_DEADLINE_MS = 30_000;
/** Between two questions to all nodes: this long, and longer the more nodes there are to ask. */
const ASK_EVERY_MS = 20;
const ASK_EVERY_PER_NODE_MS = 2;
/** How often one node is asked whether roles or slots changed without a verb. */
const WATCH_EVERY_MS = 250;
const VALKEY_LINKS_PER_NODE = 64;

/** What is waited for; see {@link Fleet.agree}. */
export interface Agreement {
  /** @defaultValue `'health'` */
  readonly expected?: 'health' | 'agreement';
  /** Done before each question to the nodes; when it throws, they are not asked. */
  readonly before?: () => Promise<void>;
  /** Throws while the view that all share is not the wanted one. */
  readonly condition?: ((view: readonly NodeLine[]) => void) | undefined;
  /** Members whose death ends the wait at once. */
  readonly started?: readonly Member[];
}

/** The members of one cluster with all that they share: folder, ports, watchdog, certificates, administrator. */
export class Fleet {
  readonly options: ResolvedLocalClusterOptions;
  readonly server: ServerBinary;
  readonly folder: string;
  readonly certificates: Certificates | undefined;
  readonly adminPassword: string = randomBytes(16).toString('hex');
  readonly ownership: Ownership = new Ownership();
  members: Member[] = [];
  readonly #ports = new PortPool();
  readonly #placement: Placement;
  readonly #watchdog: Watchdog;
  #watch: NodeJS.Timeout | undefined;
  #watched = 0;
  #stop: Promise<void> | undefined;
  #turn: Promise<void> = Promise.resolve();
  #nextShard = 0;

  constructor(options: ResolvedLocalClusterOptions, server: ServerBinary, folder: string) {
    this.options = options;
    this.server = server;
    this.folder = folder;
    this.#placement = new Placement(options, this.#ports);
    this.certificates = options.tls ? createCertificates() : undefined;
    this.#watchdog = new Watchdog(folder);
  }

  static async create(options: ResolvedLocalClusterOptions, server: ServerBinary): Promise<Fleet> {
    const fleet = new Fleet(options, server, await mkdtemp(join(tmpdir(), 'slotwise-')));
    try {
      await fleet.#placement.check();
      await fleet.#writeCertificates();
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  get isCluster(): boolean {
    return this.options.mode === 'cluster';
  }

  get isStopped(): boolean {
    return this.#stop !== undefined;
  }

  /** Whether the engine writes the shard's id into `nodes.conf`. */
  get knowsShardIds(): boolean {
    return this.server.engine === 'valkey' || isAtLeast(this.server.version, '7.2');
  }

  /** Members that run and can be reached; hung, stopped and cut off ones are left out. */
  get reachable(): Member[] {
    return this.members.filter((member) => member.isReachable);
  }

  /**
   * Valkey answers `CLUSTER SETSLOT` only after the replicas have confirmed it, and until then takes nothing else from
   * that link. Many slots at a time need many links there.
   */
  get #linksPerNode(): number {
    return this.server.engine === 'valkey' ? VALKEY_LINKS_PER_NODE : 1;
  }

  /** Numbers of the shards, ascending. */
  get shards(): number[] {
    return [...new Set(this.members.map(({ shard }) => shard))].toSorted((a, b) => a - b);
  }

  /** A number that no shard had before. */
  newShard(): number {
    return this.#nextShard++;
  }

  /** Members of a shard, in the order in which they were added. */
  ofShard(shard: number): Member[] {
    const members = this.members.filter((member) => member.shard === shard);
    if (members.length > 0) return members;
    throw new InvalidArgumentError(`There is no shard ${shard}; there are shards ${this.shards.join(', ')}`);
  }

  primaryOfShard(shard: number): Member {
    const primary = this.ofShard(shard).find(({ role }) => role === 'primary');
    if (!primary) throw new HarnessError(`Shard ${shard} has no primary`);
    return primary;
  }

  /** @param keyOrSlot - text: a key; number: a slot */
  ownerOf(keyOrSlot: string | number): Member {
    const slot = typeof keyOrSlot === 'string' ? slotOfKey(keyOrSlot) : checkSlot(keyOrSlot);
    const owner = this.isCluster ? this.ownership.ownerOf(slot) : this.primaryOfShard(0);
    if (!owner) throw new HarnessError(`No node owns slot ${slot}`);
    return owner;
  }

  /** @param node - a node, its id or its address */
  member(node: LocalNode | string): Member {
    const name = typeof node === 'string' ? node : node.id;
    const member = this.members.find(({ id, address }) => id === name || address === name);
    if (member) return member;
    const known = this.members.map(({ address }) => address).join(', ');
    throw new InvalidArgumentError(
      `There is no node ${typeof node === 'string' ? node : node.address} in this cluster; its nodes are ${known}`,
    );
  }

  /**
   * Adds a member with ports, folder and configuration, but does not start it.
   * @param zone - where it stands; by default where its shard has the fewest nodes
   */
  async enlist(
    shard: number,
    shardId: string,
    role: NodeRole,
    zone: string | undefined = this.#zoneFor(shard),
  ): Promise<Member> {
    const identity: MemberIdentity = {
      id: randomBytes(20).toString('hex'),
      place: await this.#placement.next(),
      shard,
      shardId,
      availabilityZone: zone,
    };
    const { own } = identity.place;
    const folder = folderOf(this.folder, own);
    await mkdir(folder);
    const proxies = this.options.proxied ? this.#proxiesOf(identity) : undefined;
    const target: AdminTarget = {
      host: own.host,
      port: own.port,
      user: ADMIN_USER,
      password: this.adminPassword,
      tls: this.certificates?.client,
    };
    const links = Array.from({ length: this.#linksPerNode }, () => new AdminLink(target));
    // Connections to a dead node are refused, and so they are by its proxies.
    const onExit = (): void => {
      // Whoever opened the door again in this moment, and could not, has been told.
      proxies?.nodeDown(true).catch(() => undefined);
    };
    const launch = { binary: this.server.path, env: this.server.env, folder, onExit };
    const process = new ServerProcess(launch, this.#watchdog);
    const member = new Member(identity, role, { process, links, proxies });
    await this.writeConfig(member);
    this.members = [...this.members, member];
    return member;
  }

  /** Writes a file into a member's folder. */
  async write(member: Member, name: string, text: string): Promise<void> {
    await writeFile(join(folderOf(this.folder, member.own), name), text, { mode: 0o600 });
  }

  /** @param extra - lines for this member alone */
  async writeConfig(member: Member, extra: readonly Directive[] = []): Promise<void> {
    const { options, server, folder, adminPassword } = this;
    const directives = nodeDirectives(member, { options, server, folder, adminPassword });
    await this.write(member, 'server.conf', configText([...directives, ...extra]));
  }

  /** Ends a member's process and takes the member out. */
  async dismiss(member: Member): Promise<void> {
    await member.dispose();
    this.members = this.members.filter((each) => each !== member);
  }

  /**
   * Waits until all running members agree; see {@link inspectCluster}.
   * @param what - what is waited for, as part of the error
   * @throws {@link HarnessError} when the deadline passes, a process just started dies, or the cluster is stopped
   */
  async agree(
    what: string,
    { expected = 'health', before, condition, started = [] }: Agreement = {},
  ): Promise<void> {
    const ask = async (): Promise<void> => {
      await before?.();
      if (!this.isCluster) return inspectStandalone(this.members);
      const view = await inspectCluster(this.members, expected);
      condition?.(view);
      this.ownership.reset();
      this.ownership.learn(view, this.members);
    };
    await this.until(what, ask, started);
  }

  /** As `eventually`, but ends at once when one of `started` died or the cluster was stopped. */
  async until<T>(what: string, probe: () => Promise<T | false>, started: readonly Member[] = []): Promise<T> {
    try {
      return await eventually(what, probe, {
        withinMs: AGREEMENT_DEADLINE_MS,
        everyMs: Math.max(ASK_EVERY_MS, this.members.length * ASK_EVERY_PER_NODE_MS),
        giveUp: () => this.#hopeless(what, started),
      });
    } catch (error) {
      throw this.#withObituaries(error);
    }
  }

  /** Lets verbs that change the members or the owners of slots run one after another. */
  async exclusively<T>(verb: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(verb);
    // The next one runs whether or not this one succeeds; its caller learns of a failure.
    this.#turn = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  /** @throws {@link HarnessError} when the cluster is stopped, or the verb makes no sense in its mode */
  checkVerb(verb: string, modes: 'any mode' | 'cluster mode' = 'any mode'): void {
    if (this.isStopped) throw new HarnessError(`${verb}: the cluster is stopped`);
    if (modes === 'cluster mode' && !this.isCluster) {
      throw new HarnessError(
        `${verb} needs cluster mode; this is one primary with its replicas (mode 'standalone')`,
      );
    }
  }

  /** Follows changes of roles and slots that no verb made, as after the death of a primary. */
  startWatching(): void {
    if (!this.isCluster) return;
    this.#watch = setInterval(() => void this.#look(), WATCH_EVERY_MS);
    this.#watch.unref();
  }

  /** Ends every process, hung ones too, and removes the folder. Any number of calls, together or after another. */
  stop(): Promise<void> {
    this.#stop ??= this.#shutDown();
    return this.#stop;
  }

  async #shutDown(): Promise<void> {
    clearInterval(this.#watch);
    await Promise.all(this.members.map((member) => member.dispose()));
    for (const { process } of this.members) process.keepLog();
    await Promise.all([this.#watchdog.finish(), this.#ports.release()]);
  }

  #hopeless(what: string, started: readonly Member[]): HarnessError | undefined {
    if (this.isStopped) return new HarnessError(`The cluster was stopped while it was waited until ${what}`);
    const dead = started.find(({ state }) => state === 'stopped');
    return (
      dead &&
      new HarnessError(`It was waited until ${what}, but node ${dead.address} ${dead.process.obituary}`)
    );
  }

  /** A wait may have been in vain because a process died by itself: then its last words belong to the error. */
  #withObituaries(error: unknown): unknown {
    const crashed = this.members.filter(({ process }) => process.crashed);
    if (!(error instanceof HarnessError) || crashed.length === 0 || this.isStopped) return error;
    const obituaries = crashed.map(({ address, process }) => `Node ${address} ${process.obituary}`);
    return new HarnessError([error.message, ...obituaries].join('\n'), { cause: error });
  }

  async #look(): Promise<void> {
    const { reachable } = this;
    const teller = reachable[this.#watched++ % reachable.length];
    if (!teller) return;
    try {
      this.ownership.learn(parseNodes(await teller.text('CLUSTER', 'NODES')), this.members);
    } catch {
      // It was killed, hung or stopped in this moment, or is starting: the next look asks another one.
    }
  }

  #zoneFor(shard: number): string | undefined {
    const used = this.members.filter((each) => each.shard === shard).map((each) => each.availabilityZone);
    return nextZone(this.options.availabilityZones, shard, used);
  }

  #proxiesOf({ place, availabilityZone }: MemberIdentity): NodeProxies {
    const { tls, crossZoneLatencyMs, clientZone } = this.options;
    const islandOf = (source: string): number => this.#from(source)?.island ?? 0;
    return new NodeProxies({
      place,
      tls: tls !== false,
      isCluster: this.isCluster,
      baseLatencyMs: availabilityZone === clientZone ? 0 : crossZoneLatencyMs,
      seed: this.members.length + 1,
      credentials: { username: ADMIN_USER, password: this.adminPassword },
      surroundings: {
        isNode: (source) => this.#from(source) !== undefined,
        isSevered: (source) => islandOf(source) !== islandOf(place.source as string),
      },
    });
  }

  /** The member whose connections come from there. */
  #from(source: string): Member | undefined {
    return this.members.find(({ place }) => place.source === source);
  }

  async #writeCertificates(): Promise<void> {
    if (!this.certificates) return;
    const { ca, cert, key } = this.certificates.node;
    const files = { 'ca.pem': ca, 'node.pem': cert, 'node-key.pem': key };
    await Promise.all(
      Object.entries(files).map(([name, text]) => writeFile(join(this.folder, name), text, { mode: 0o600 })),
    );
  }
}
