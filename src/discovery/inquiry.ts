import type { LookupFunction } from 'node:net';
import { type SeedFailure, SeedsExhaustedError, TopologyReplyError } from '../errors/index.js';
import type { Clock, Random } from '../support/index.js';
import { type ClusterTopology, formatAddress, type Shard } from '../topology/index.js';
import type { Askable, NodeSource } from './ask-node.js';
import { askTopology } from './ask-topology.js';
import { chooseNodes } from './choose-nodes.js';
import { findSeeds } from './find-seeds.js';
import { AnswerGathering, type Candidate, type Gathered, type Word } from './gather-answers.js';
import { NODES_ASKED_IN_TROUBLE } from './refresh-pace.js';
import type { SeedProvider } from './seeds.js';

/** What the topology is asked for with. */
export interface InquiryOptions {
  readonly seeds: SeedProvider;
  readonly nodes: NodeSource;
  readonly tls: boolean;
  /** Replaces the system's name resolution for seeds. */
  readonly lookup: LookupFunction | undefined;
  /** How many nodes are asked at once. */
  readonly nodesAsked: number;
  readonly askTimeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** The topology in force. */
  current(): ClusterTopology;
  /** Addresses of nodes that can settle what is in doubt. */
  witnesses(): readonly string[];
  /** Shards with slots and without a primary that can be used. */
  troubled(): readonly Shard[];
}

/** How many nodes stand by for those that fail or are slow to answer. */
const SPARE_NODES = 4;
/** A node that has not answered by then has another asked in its stead, in milliseconds. */
const STAGGER_MS = 250;
/** The same while a shard has no usable primary. */
const TROUBLE_STAGGER_MS = 100;

/** Asks nodes, and where none of them answers seeds, how they see the deployment. */
export class Inquiry {
  readonly #options: InquiryOptions;
  #gathering: AnswerGathering | undefined;
  /** Ways to seeds that are open for one question. */
  readonly #doors = new Set<() => void>();
  #questions = 0;

  constructor(options: InquiryOptions) {
    this.#options = options;
  }

  /** Nodes asked so far. */
  get questions(): number {
    return this.#questions;
  }

  /** Ends the round that is under way with what has been answered so far. */
  stop(): void {
    this.#gathering?.stop();
    this.#closeDoors();
  }

  /**
   * One round.
   * @param throughSeeds - whether known nodes are left out
   * @returns what was answered; nothing only when it was stopped
   * @throws {@link SeedsExhaustedError} when neither known nodes nor seeds gave an answer
   */
  async ask(throughSeeds: boolean): Promise<Gathered> {
    const { clock, nodesAsked } = this.#options;
    const isTroubled = this.#options.troubled().length > 0;
    // Where cluster mode is disabled a promoted replica alone knows that it was promoted.
    const isTold = isTroubled && this.#options.current().mode === 'cluster';
    const askedAtOnce = isTold ? Math.min(nodesAsked, NODES_ASKED_IN_TROUBLE) : nodesAsked;
    const seeds = new Set<string>();
    const notFound: SeedFailure[] = [];
    const gathering = new AnswerGathering({
      candidates: throughSeeds ? [] : this.#knownCandidates(askedAtOnce + SPARE_NODES),
      askedAtOnce,
      staggerMs: isTroubled ? TROUBLE_STAGGER_MS : STAGGER_MS,
      clock,
      more: async () => {
        const candidates = await this.#seedCandidates(notFound);
        for (const { name } of candidates) seeds.add(name);
        return candidates;
      },
    });
    this.#gathering = gathering;
    const gathered = await gathering.run();
    this.#closeDoors();
    if (gathered.answers.length > 0 || gathering.isStopped) return gathered;
    const failed = gathered.failures.filter(({ seed }) => seeds.has(seed));
    throw new SeedsExhaustedError([...notFound, ...failed]);
  }

  #knownCandidates(count: number): readonly Candidate[] {
    const { nodes, random } = this.#options;
    const chosen = chooseNodes({
      topology: this.#options.current(),
      count,
      witnesses: this.#options.witnesses(),
      isUsable: ({ address }) => nodes.find(address)?.isUsable ?? true,
      random,
    });
    return chosen.map(({ host, port, address }) => this.#candidate(nodes.node(host, port, address)));
  }

  async #seedCandidates(notFound: SeedFailure[]): Promise<readonly Candidate[]> {
    const { askTimeoutMs: timeoutMs } = this.#options;
    const { doors, failures } = await findSeeds({ ...this.#options, timeoutMs });
    notFound.push(...failures);
    return doors.map((door) => ({
      name: door.name,
      ask: async () => {
        const { node, close } = door.open();
        this.#doors.add(close);
        try {
          return await this.#ask(node, door.host);
        } finally {
          this.#doors.delete(close);
          close();
        }
      },
    }));
  }

  /** What they still answer is dropped. */
  #closeDoors(): void {
    for (const close of this.#doors) close();
  }

  #candidate(node: Askable): Candidate {
    return { name: node.address, ask: () => this.#ask(node, node.host) };
  }

  async #ask(node: Askable, calledHost: string): Promise<Word> {
    const { tls, askTimeoutMs: timeoutMs, clock, nodes } = this.#options;
    this.#questions++;
    const view = await askTopology(node, { calledHost, tls, timeoutMs, clock });
    // A node that was reset or forgotten knows of no slots: its view says nothing of the deployment.
    if (!view.shards.some(({ slots }) => slots.length > 0)) {
      throw new TopologyReplyError(`${node.address} knows of no shard with slots`);
    }
    const from = formatAddress(calledHost, node.port);
    const answer = { from, view };
    // Where cluster mode is disabled, only the primary knows every replica.
    const primary = view.mode === 'standalone' ? view.shards[0]?.primary : undefined;
    if (primary === undefined || primary.address === from) return { answer };
    const owner = nodes.node(primary.host, primary.port, primary.address);
    return owner.isUsable ? { answer, betterWitness: this.#candidate(owner) } : { answer };
  }
}
