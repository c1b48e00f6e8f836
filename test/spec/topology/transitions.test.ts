import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  advance,
  type Answer,
  type ClusterTopology,
  initialState,
  MAX_CLAIMS,
  type Observation,
  parseClusterInfo,
  parseClusterShards,
  parseClusterSlots,
  type SlotRange,
  type TopologyState,
  type TopologyView,
} from '../../../src/topology/index.js';
import { clusterView, nodeView, shardView } from '../../unit/topology/views.js';

/**
 * `'0-99,200: a1 a2?loading b3#other'`: slots, primary (`-`: none), replicas. A node is its host; behind `?` its health,
 * behind `#` its id where that is not `id-` and the host. Ports are 6379.
 */
type ShardText = string;

/** A view written out, the name of one, one of many shards that `s<i>n0` leads, or a raw reply. */
type ViewText =
  | string
  | readonly ShardText[]
  | { readonly shards: number; readonly replicas: number; readonly promoted?: number }
  | { readonly command: 'CLUSTER SHARDS' | 'CLUSTER SLOTS'; readonly reply: unknown };

interface AnswerText {
  readonly view: ViewText;
  /** The cluster's current epoch as the node knows it. */
  readonly epoch?: number;
  /** The epoch with which it, or its primary, leads. */
  readonly own?: number;
  /** False: it holds the cluster to be down. */
  readonly ok?: boolean;
  /** A reply to CLUSTER INFO, instead of the three above. */
  readonly info?: string;
}

interface Step {
  readonly atMs?: number;
  /** When the questions were sent, if not at that time. */
  readonly askedAtMs?: number;
  /** By who gave them. */
  readonly answers?: Record<string, AnswerText>;
  readonly unreachable?: readonly string[];
  /** Slot (or first and last), where to, by whom. */
  readonly moved?: readonly [slot: number | readonly [number, number], to: string, from: string];
  readonly ask?: readonly [slot: number, to: string, from: string];
  /** The whole topology afterwards. */
  readonly shards?: readonly ShardText[];
  /** Who leads the shards of some slots afterwards; `null`: nobody. */
  readonly owners?: Record<string, string | null>;
  readonly ids?: readonly string[];
  readonly unusable?: number;
  readonly version?: number;
  readonly claims?: number;
  /** Whether the very same state comes back. */
  readonly same?: boolean;
}

interface Vector {
  readonly name: string;
  readonly mode?: 'cluster' | 'standalone';
  readonly views?: Record<string, ViewText>;
  readonly steps: readonly Step[];
}

const vectors = JSON.parse(
  readFileSync(new URL('transitions.json', import.meta.url), 'utf8'),
) as readonly Vector[];

const addressOf = (host: string): string => `${host}:6379`;
const ASKED = { askedHost: 'asked', askedPort: 6379, tls: false };

function readRange(text: string): SlotRange {
  const [first, last = first] = text.split('-').map(Number);
  return { first: first!, last: last! };
}

function readNode(text: string): ReturnType<typeof nodeView> {
  const [, host, id, health] = /^([^#?]+)(?:#([^?]+))?(?:\?(\w+))?$/.exec(text)!;
  return nodeView(addressOf(host!), {
    nodeId: id ?? `id-${host}`,
    health: (health ?? 'online') as 'online' | 'loading' | 'fail',
  });
}

function readShard(text: ShardText): TopologyView['shards'][number] {
  const [slots = '', nodes = ''] = text.split(':').map((part) => part.trim());
  const [primary = '-', ...replicas] = nodes.split(/\s+/);
  return {
    slots: slots === '' ? [] : slots.split(',').map(readRange),
    ...(primary === '-' ? {} : { primary: readNode(primary) }),
    replicas: replicas.map(readNode),
  };
}

function readView(text: ViewText, { views = {}, mode = 'cluster' }: Vector): TopologyView {
  if (typeof text === 'string') return readView(views[text]!, { name: '', views, mode, steps: [] });
  if ('command' in text) {
    return (text.command === 'CLUSTER SHARDS' ? parseClusterShards : parseClusterSlots)(text.reply, ASKED);
  }
  if ('shards' in text) return manyShards(text.shards, text.replicas, text.promoted);
  return clusterView(text.map(readShard), {
    mode,
    source: mode === 'cluster' ? 'CLUSTER SHARDS' : 'INFO replication',
  });
}

function manyShards(count: number, replicas: number, promoted = -1): TopologyView {
  const first = (shard: number): number => Math.floor((shard * 16_384) / count);
  return clusterView(
    Array.from({ length: count }, (_, i) => {
      const nodes = Array.from({ length: replicas + 1 }, (_each, j) => nodeView(addressOf(`s${i}n${j}`)));
      if (i === promoted) nodes.reverse();
      const [primary, ...others] = nodes;
      return shardView([`${first(i)}-${first(i + 1) - 1}`], [], { primary: primary!, replicas: others });
    }),
  );
}

function observationsOf(step: Step, vector: Vector): readonly Observation[] {
  const { atMs = 0, answers = {}, unreachable = [] } = step;
  if (step.ask !== undefined) {
    const [slot, to, from] = step.ask;
    return [{ kind: 'ask', slot, to: addressOf(to), from: addressOf(from), atMs }];
  }
  if (step.moved !== undefined) {
    const [slots, to, from] = step.moved;
    const [first, last] = typeof slots === 'number' ? [slots, slots] : slots;
    return Array.from({ length: last - first + 1 }, (_, i) => {
      return { kind: 'moved', slot: first + i, to: addressOf(to), from: addressOf(from), atMs };
    });
  }
  const given = Object.entries(answers).map(([host, { view, epoch, own, ok, info }]): Answer => {
    const told = {
      ...(epoch === undefined ? {} : { epoch }),
      ...(own === undefined ? {} : { ownEpoch: own }),
      ...(ok === undefined ? {} : { isClusterOk: ok }),
      ...parseClusterInfo(info),
    };
    return { from: addressOf(host), view: { ...readView(view, vector), ...told } };
  });
  const { askedAtMs = atMs } = step;
  return [{ kind: 'answers', answers: given, unreachable: unreachable.map(addressOf), askedAtMs, atMs }];
}

function tell({ shards }: ClusterTopology): readonly ShardText[] {
  return shards.map(({ slots, primary, replicas }) => {
    const ranges = slots.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
    const nodes = [primary, ...replicas].map((node) => {
      if (node === undefined) return '-';
      const { host, nodeId, health } = node;
      const id = nodeId === undefined || nodeId === `id-${host}` ? '' : `#${nodeId}`;
      return `${host}${id}${health === 'online' ? '' : `?${health}`}`;
    });
    return `${ranges.join()}: ${nodes.join(' ')}`;
  });
}

function expectOutcome(before: TopologyState, after: TopologyState, step: Step): void {
  const { topology } = after;
  if (step.shards !== undefined) expect(tell(topology)).toEqual(step.shards);
  for (const [slot, owner] of Object.entries(step.owners ?? {})) {
    expect(topology.shardOf(Number(slot))?.primary?.host ?? null, `owner of slot ${slot}`).toBe(owner);
  }
  if (step.ids !== undefined) expect(topology.shards.map(({ id }) => id)).toEqual(step.ids);
  if (step.unusable !== undefined) expect(topology.unusable).toHaveLength(step.unusable);
  if (step.version !== undefined) expect(topology.version).toBe(step.version);
  if (step.claims !== undefined) expect(after.claims).toHaveLength(step.claims);
  if (step.same !== undefined) expect(after === before).toBe(step.same);
}

describe('transitions.json', () => {
  it('has a name of its own for every story, and an expectation in every step', () => {
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
    for (const { steps } of vectors) {
      for (const {
        atMs: _at,
        askedAtMs: _askedAt,
        answers: _answers,
        unreachable: _out,
        moved: _moved,
        ...outcome
      } of steps) {
        expect(Object.keys(outcome).length).toBeGreaterThan(0);
      }
    }
  });

  it.each(vectors)('$name', (vector) => {
    let state = initialState;
    vector.steps.forEach((step, i) => {
      let next = state;
      for (const observation of observationsOf(step, vector)) {
        const successor = advance(next, observation);
        const isChanged = successor.topology !== next.topology;
        expect(successor.topology.version - next.topology.version, `step ${i}`).toBe(isChanged ? 1 : 0);
        expect(successor.claims.length).toBeLessThanOrEqual(MAX_CLAIMS);
        next = successor;
      }
      try {
        expectOutcome(state, next, step);
      } catch (error) {
        (error as Error).message = `step ${i}: ${(error as Error).message}`;
        throw error;
      }
      state = next;
    });
  });
});
