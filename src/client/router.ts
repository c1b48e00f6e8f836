import type { Node, NodePool } from '../node/index.js';
import type { Candidate, RouteTable } from '../routing/index.js';
import type { Random } from '../support/index.js';
import { type Call, NO_SLOT } from './call.js';

/** What a choice is made by. */
type Wish = Pick<Call, 'slot' | 'spec' | 'settings'>;

/** Chooses the node that a call is sent to, by the topology in force and by how its nodes are. */
export class Router {
  readonly #nodes: NodePool;
  readonly #random: Random;
  #table: RouteTable<Node> | undefined;
  #turn = 0;

  constructor(nodes: NodePool, random: Random) {
    this.#nodes = nodes;
    this.#random = random;
  }

  get table(): RouteTable<Node> | undefined {
    return this.#table;
  }

  useTable(table: RouteTable<Node>): void {
    this.#table = table;
  }

  /**
   * The node to send a call to. Where none of those that may answer is usable, the one to wait for; `undefined` when
   * there is not even such a one.
   */
  choose(call: Call): Node | undefined {
    const table = this.#table;
    if (table === undefined) return undefined;
    const { slot, spec, settings } = call;
    if (settings.route !== undefined) return this.#wished(table, settings.route);
    if (slot === NO_SLOT) return this.#anyPrimary(table);
    if (!spec.readOnly || settings.readFrom === 'primary') return table.primaryOf(slot);
    this.#turn = (this.#turn + 1) & 0x7fff_ffff;
    return this.#reader(table, call);
  }

  /** As {@link choose}, for a call that is not made: replicas do not take turns by it. */
  preview(wish: Wish): Node | undefined {
    const table = this.#table;
    if (table === undefined || !wish.spec.readOnly) return table?.primaryOf(wish.slot);
    return this.#reader(table, wish);
  }

  /** Another node that may answer this read and can be used now. */
  otherReader(call: Call, than: Node): Node | undefined {
    const { slot, spec, settings } = call;
    if (!spec.readOnly || settings.readFrom === 'primary' || settings.route !== undefined) return undefined;
    if (slot === NO_SLOT || this.#table === undefined) return undefined;
    this.#turn = (this.#turn + 1) & 0x7fff_ffff;
    const others = this.#table
      .candidatesOf(slot, settings.readFrom, spec.name, this.#turn)
      .filter(({ handle }) => handle !== than);
    return (others.find(isUsable) ?? others.find(isReachable))?.handle;
  }

  /** Candidates for a command, in the order in which they are tried, with why each may not be used now. */
  candidates(wish: Wish): ReadonlyArray<Candidate<Node> & { refusal: string | undefined }> {
    const { slot, spec, settings } = wish;
    const policy = spec.readOnly ? settings.readFrom : 'primary';
    const candidates = this.#table?.candidatesOf(slot, policy, spec.name, this.#turn) ?? [];
    return candidates.map((candidate) => ({ ...candidate, refusal: refusalOf(candidate, spec.readOnly) }));
  }

  /** For a message: each candidate, and what is the matter with it. */
  explainRefusals(wish: Wish): string {
    const candidates = this.candidates(wish);
    if (candidates.length === 0) return 'it has none that may be asked';
    return candidates.map(({ node, refusal }) => `${node.address} ${refusal ?? 'is well'}`).join(', ');
  }

  #reader(table: RouteTable<Node>, { slot, spec, settings }: Wish): Node | undefined {
    const policy = settings.readFrom;
    if (typeof policy !== 'function') return table.readerOf(slot, policy, this.#turn, isUsable, isReachable);
    const candidates = table.candidatesOf(slot, policy, spec.name, 0);
    return (candidates.find(isUsable) ?? candidates.find(isReachable) ?? candidates[0])?.handle;
  }

  #anyPrimary(table: RouteTable<Node>): Node | undefined {
    const all = table.primaries();
    const usable = all.filter((node) => node.isUsable);
    const primaries = usable.length > 0 ? usable : all;
    return primaries[Math.floor(this.#random() * primaries.length)];
  }

  #wished(table: RouteTable<Node>, route: string): Node | undefined {
    if (route === 'random') return this.#anyPrimary(table);
    const node = table.topology.nodeAt(route);
    return node === undefined ? undefined : this.#nodes.find(node.address);
  }
}

function isReachable({ handle }: Candidate<Node>): boolean {
  return handle.isUsable;
}

function isUsable({ node, handle }: Candidate<Node>): boolean {
  return handle.isUsable && handle.servesReads && !handle.isLagging && node.health === 'online';
}

function refusalOf({ node, handle }: Candidate<Node>, isRead: boolean): string | undefined {
  if (!handle.isUsable) {
    return handle.condition === 'suspect' ? 'does not answer' : 'could not be reached or does not answer';
  }
  if (!isRead) return undefined;
  if (!handle.servesReads) return 'said just now that it cannot serve';
  if (handle.isLagging) return 'is too far behind its primary';
  if (node.health !== 'online') return `is ${node.health === 'fail' ? 'down' : 'loading'}, the cluster says`;
  return undefined;
}
