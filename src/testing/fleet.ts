import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from '../errors/index.js';
import { AdminLink } from './admin/index.js';
import { eventually } from './eventually.js';
import { HarnessError } from './harness-error.js';
import { type LocalNode, Member, type MemberIdentity, type NodeRole } from './member.js';
import { ADMIN_USER, type ResolvedLocalClusterOptions, userDirectives } from './options.js';
import {
  configText,
  DEFAULT_DIRECTIVES,
  type Directive,
  PortPool,
  ServerProcess,
  Watchdog,
} from './process/index.js';
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
const HOST = '127.0.0.1';

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
  readonly #watchdog: Watchdog;
  #watch: NodeJS.Timeout | undefined;
  #watched = 0;
  #stop: Promise<void> | undefined;

  constructor(options: ResolvedLocalClusterOptions, server: ServerBinary, folder: string) {
    this.options = options;
    this.server = server;
    this.folder = folder;
    this.certificates = options.tls ? createCertificates() : undefined;
    this.#watchdog = new Watchdog(folder);
  }

  static async create(options: ResolvedLocalClusterOptions, server: ServerBinary): Promise<Fleet> {
    const fleet = new Fleet(options, server, await mkdtemp(join(tmpdir(), 'slotwise-')));
    try {
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

  /** Members that run; hung and stopped ones are left out. */
  get running(): Member[] {
    return this.members.filter((member) => member.isRunning);
  }

  /** Numbers of the shards, ascending. */
  get shards(): number[] {
    return [...new Set(this.members.map(({ shard }) => shard))].toSorted((a, b) => a - b);
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

  /** Adds a member with ports, folder and configuration, but does not start it. */
  async enlist(shard: number, shardId: string, role: NodeRole): Promise<Member> {
    const used = this.members.filter((each) => each.shard === shard).map((each) => each.availabilityZone);
    const identity: MemberIdentity = {
      id: randomBytes(20).toString('hex'),
      host: HOST,
      port: await this.#ports.take(),
      busPort: await this.#ports.take(),
      shard,
      shardId,
      availabilityZone: nextZone(this.options.availabilityZones, shard, used),
    };
    const folder = join(this.folder, String(identity.port));
    await mkdir(folder);
    const launch = { binary: this.server.path, env: this.server.env, folder };
    const link = new AdminLink({
      host: HOST,
      port: identity.port,
      user: ADMIN_USER,
      password: this.adminPassword,
      tls: this.certificates?.client,
    });
    const member = new Member(identity, role, new ServerProcess(launch, this.#watchdog), link);
    await this.writeConfig(member);
    this.members.push(member);
    return member;
  }

  /** Writes a file into a member's folder. */
  async write(member: Member, name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, String(member.port), name), text, { mode: 0o600 });
  }

  /** @param extra - lines for this member alone */
  async writeConfig(member: Member, extra: readonly Directive[] = []): Promise<void> {
    const { config } = this.options;
    const directives: Directive[] = [
      ...Object.entries({ ...DEFAULT_DIRECTIVES, ...config }),
      ...this.#placeDirectives(member),
      ...(this.isCluster ? this.#clusterDirectives(member) : []),
      ...userDirectives(this.options, this.adminPassword),
      ...extra,
    ];
    await this.write(member, 'server.conf', configText(directives));
  }

  /** Ends a member's process and takes the member out. */
  async dismiss(member: Member): Promise<void> {
    await member.kill();
    this.members = this.members.filter((each) => each !== member);
  }

  /**
   * Waits until all running members agree that the cluster is well; see {@link inspectCluster}.
   * @param what - what this is waited for, as part of the error
   * @param condition - throws while the view they agree on is not the wanted one
   * @throws {@link HarnessError} when the deadline passes, a process dies or the cluster is stopped
   */
  async agree(what: string, condition?: (view: readonly NodeLine[]) => void): Promise<void> {
    const ask = async (): Promise<void> => {
      if (!this.isCluster) return inspectStandalone(this.members);
      const view = await inspectCluster(this.members);
      condition?.(view);
      this.ownership.reset();
      this.ownership.learn(view, this.members);
    };
    await this.until(what, ask);
  }

  /** As `eventually`, but ends at once when a process died by itself or the cluster was stopped. */
  async until<T>(what: string, probe: () => Promise<T | false>): Promise<T> {
    return eventually(what, probe, {
      withinMs: AGREEMENT_DEADLINE_MS,
      everyMs: Math.max(ASK_EVERY_MS, this.members.length * ASK_EVERY_PER_NODE_MS),
      giveUp: () => this.#hopeless(what),
    });
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
    await Promise.all(this.members.map((member) => member.kill()));
    for (const { process } of this.members) process.keepLog();
    await Promise.all([this.#watchdog.finish(), this.#ports.release()]);
  }

  #hopeless(what: string): HarnessError | undefined {
    if (this.isStopped) return new HarnessError(`The cluster was stopped while it was waited until ${what}`);
    const crashed = this.members.find(({ process }) => process.crashed);
    return crashed && new HarnessError(`Node ${crashed.address} ${crashed.process.obituary}`);
  }

  async #look(): Promise<void> {
    const { running } = this;
    const teller = running[this.#watched++ % running.length];
    if (!teller) return;
    try {
      this.ownership.learn(parseNodes(await teller.text('CLUSTER', 'NODES')), this.members);
    } catch {
      // It was killed, hung or stopped in this moment, or is starting: the next look asks another one.
    }
  }

  async #writeCertificates(): Promise<void> {
    if (!this.certificates) return;
    const { ca, cert, key } = this.certificates.node;
    const files = { 'ca.pem': ca, 'node.pem': cert, 'node-key.pem': key };
    await Promise.all(
      Object.entries(files).map(([name, text]) => writeFile(join(this.folder, name), text, { mode: 0o600 })),
    );
  }

  #placeDirectives({ port, availabilityZone }: Member): Directive[] {
    const tellsZone = this.server.engine === 'valkey' && isAtLeast(this.server.version, '8.0');
    const common: Directive[] = [
      ...(tellsZone && availabilityZone ? [['availability-zone', availabilityZone] as Directive] : []),
      ['bind', HOST],
      ['daemonize', 'no'],
      ['dir', join(this.folder, String(port))],
    ];
    if (!this.certificates) return [...common, ['port', String(port)]];
    return [
      ...common,
      ['port', '0'],
      ['tls-port', String(port)],
      ['tls-replication', 'yes'],
      ['tls-ca-cert-file', join(this.folder, 'ca.pem')],
      ['tls-cert-file', join(this.folder, 'node.pem')],
      ['tls-key-file', join(this.folder, 'node-key.pem')],
      ['tls-auth-clients', this.options.tls === 'mutual' ? 'yes' : 'no'],
    ];
  }

  #clusterDirectives({ busPort }: Member): Directive[] {
    return [
      ['cluster-enabled', 'yes'],
      ['cluster-config-file', 'nodes.conf'],
      ['cluster-port', String(busPort)],
      ['cluster-node-timeout', String(this.options.nodeTimeoutMs)],
      // A node stays in its shard: otherwise shards would have no lasting number.
      ['cluster-allow-replica-migration', 'no'],
      ...(this.certificates ? [['tls-cluster', 'yes'] as Directive] : []),
    ];
  }
}
