import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TopologyReplyError } from '../../../src/errors/index.js';
import {
  type AskedReplicationNode,
  buildTopology,
  diffTopologies,
  parseClusterShards,
  parseClusterSlots,
  parseInfoReplication,
  parseRedirect,
  parseRole,
  type TopologyJson,
  type TopologyView,
} from '../../../src/topology/index.js';

const PARSERS = {
  'CLUSTER SHARDS': parseClusterShards,
  'CLUSTER SLOTS': parseClusterSlots,
  'INFO replication': parseInfoReplication,
  ROLE: parseRole,
} satisfies Record<string, (reply: unknown, asked: AskedReplicationNode) => TopologyView>;

interface Question {
  readonly command: keyof typeof PARSERS;
  readonly asked: AskedReplicationNode;
  readonly reply: unknown;
}

/** A reply, and the topology it stands for or what the error says of it. */
interface ReplyVector extends Question {
  readonly name: string;
  readonly topology?: TopologyJson;
  readonly error?: string;
}

/** Replies that one cluster gave one after the other, and what was new with each. */
interface StoryVector {
  readonly name: string;
  readonly chapters: ReadonlyArray<
    Question & { readonly version: number; readonly facts: readonly unknown[] }
  >;
}

interface RedirectVector {
  readonly message: string;
  /** `null`: no redirect at all. */
  readonly redirect: unknown;
}

function load(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
}

const mapLeaves = (value: unknown, change: (leaf: unknown) => unknown): unknown =>
  Array.isArray(value) ? value.map((item) => mapLeaves(item, change)) : change(value);

/** The forms in which RESP parsers hand over one and the same reply. */
const FORMS: Record<string, (leaf: unknown) => unknown> = {
  strings: (leaf) => leaf,
  buffers: (leaf) => (typeof leaf === 'string' ? Buffer.from(leaf) : leaf),
  'buffers, integers as text': (leaf) => (leaf === null ? null : Buffer.from(`${leaf as string | number}`)),
  bigints: (leaf) => (typeof leaf === 'number' ? BigInt(leaf) : leaf),
};

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
const read = ({ command, reply, asked }: Question): TopologyView => PARSERS[command](reply, asked);

describe.each(['cluster-shards.json', 'cluster-slots.json', 'replication.json'])('%s', (file) => {
  const vectors = load(file) as readonly ReplyVector[];
  const understood = vectors.filter(({ topology }) => topology !== undefined);
  const refused = vectors.filter(({ error }) => error !== undefined);

  it('has an outcome for every reply', () => {
    expect(understood.length + refused.length).toBe(vectors.length);
  });

  it.each(understood)('$command: $name', (vector) => {
    for (const [form, change] of Object.entries(FORMS)) {
      const view = read({ ...vector, reply: mapLeaves(vector.reply, change) });
      expect(plain(buildTopology(view)), `given as ${form}`).toEqual(vector.topology);
    }
  });

  it.each(refused)('$command is refused: $name', (vector) => {
    expect(() => read(vector)).toThrow(TopologyReplyError);
    expect(() => read(vector)).toThrow(vector.error);
    expect(() => read(vector)).toThrow(`${vector.command} as answered by ${vector.asked.askedHost}`);
  });
});

describe('stories.json', () => {
  it.each(load('stories.json') as readonly StoryVector[])('$name', ({ chapters }) => {
    let topology = buildTopology(read(chapters[0]!));
    expect(topology.version).toBe(chapters[0]!.version);
    for (const chapter of chapters.slice(1)) {
      const next = buildTopology(read(chapter), topology);
      expect(plain(diffTopologies(topology, next))).toEqual(chapter.facts);
      expect(next.version).toBe(chapter.version);
      topology = next;
    }
  });
});

describe('redirects.json', () => {
  it.each(load('redirects.json') as readonly RedirectVector[])('$message', ({ message, redirect }) => {
    expect(plain(parseRedirect(message) ?? null)).toEqual(redirect);
  });
});
