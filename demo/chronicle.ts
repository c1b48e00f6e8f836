import type { ClusterClient, TopologyFact } from 'slotwise';
import type { DemoEvent } from './state.js';
import { count } from './text.js';

/** Events that are kept; a screen shows fewer. */
const MAX_EVENTS = 100;
/** A client learns of a resharding slot by slot and bunch by bunch; what comes within this time is one event. */
const GATHER_MS = 400;

/** Writes down what happens: what the demo does, and what the client says of it. */
export class Chronicle {
  readonly #nowMs: () => number;
  readonly #told: (event: DemoEvent) => void;
  #events: readonly DemoEvent[] = [];
  /** Slots that moved a moment ago, by the way they went. */
  readonly #moved: Map<string, number> = new Map();

  /** @param told - called with every event as it happens */
  constructor(nowMs: () => number, told: (event: DemoEvent) => void) {
    this.#nowMs = nowMs;
    this.#told = told;
  }

  /** Oldest first. */
  get events(): readonly DemoEvent[] {
    return this.#events;
  }

  add(text: string): void {
    this.#tellMoved();
    this.#tell(text);
  }

  #tell(text: string): void {
    const event = { atMs: this.#nowMs(), text };
    this.#events = [...this.#events, event].slice(-MAX_EVENTS);
    this.#told(event);
  }

  /** Listens to a client that is not connected yet. */
  follow(client: ClusterClient): void {
    client.on('clientReady', ({ shards, nodes, durationMs }) =>
      this.add(`client: found ${shards} shards, ${nodes} nodes in ${Math.round(durationMs)} ms`),
    );
    client.on('topologyChanged', ({ version, facts }) => {
      // The first topology is told by `clientReady`.
      if (version > 1) for (const fact of facts) this.#addFact(fact);
    });
    client.on('nodeSuspected', ({ node }) => this.add(`client: ${node} does not answer, and is passed over`));
    client.on('nodeRecovered', ({ node }) => this.add(`client: ${node} is used again`));
    client.on('linkFailed', ({ node, error }) => this.add(`client: no link to ${node}: ${error.message}`));
    client.on('linkClosed', ({ node }) => {
      if (client.status === 'ready') this.add(`client: the link to ${node} was closed`);
    });
  }

  #addFact(fact: TopologyFact): void {
    if (fact.kind === 'slotsMoved') {
      const slots = fact.slots.reduce((sum, { first, last }) => sum + last - first + 1, 0);
      const way = `${fact.from.primary ?? 'nobody'} to ${fact.to.primary ?? 'nobody'}`;
      if (this.#moved.size === 0) setTimeout(() => this.#tellMoved(), GATHER_MS).unref();
      this.#moved.set(way, (this.#moved.get(way) ?? 0) + slots);
      return;
    }
    for (const text of textsOf(fact)) this.add(`client: ${text}`);
  }

  #tellMoved(): void {
    for (const [way, slots] of this.#moved) {
      this.#tell(`client: ${count(slots)} ${slots === 1 ? 'slot' : 'slots'} moved, ${way}`);
    }
    this.#moved.clear();
  }
}

/** Nothing for what another fact of the same change tells better. */
function textsOf(fact: Exclude<TopologyFact, { kind: 'slotsMoved' }>): string[] {
  switch (fact.kind) {
    case 'primaryChanged':
      return [`${fact.to ?? 'nobody'} is primary now, in place of ${fact.from ?? 'nobody'}`];
    case 'roleChanged':
      return fact.to === 'replica' ? [`${fact.node} is a replica now`] : [];
    case 'healthChanged':
      return [`${fact.node} is ${fact.to}`];
    case 'nodeAdded':
      return [`${fact.node} came, a ${fact.role}`];
    case 'nodeRemoved':
      return [`${fact.node} is gone`];
    case 'slotsUncovered':
      return ['some slots are served by nobody'];
    case 'slotsCovered':
      return ['some slots are served again'];
    case 'nodeReplaced':
    case 'shardChanged':
    case 'zoneLearned':
      break;
  }
  return [];
}
