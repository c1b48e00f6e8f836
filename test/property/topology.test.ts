import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TopologyReplyError } from '../../src/errors/index.js';
import {
  buildTopology,
  type ClusterTopology,
  diffTopologies,
  emptyTopology,
  formatAddress,
  parseAddress,
  parseClusterShards,
  parseClusterSlots,
  parseInfoReplication,
  parseRedirect,
  parseRole,
  SLOT_COUNT,
  type TopologyFact,
  type TopologyView,
  UNCOVERED,
  withMoved,
} from '../../src/topology/index.js';
import {
  address,
  ASKED,
  expectSound,
  layout,
  MAX_SHARDS,
  ownersOf,
  shardsReply,
  slotsReply,
  view,
} from './topology-model.js';

/** Owner of every slot by shard id after the facts, given the owners before. */
function replay(before: ClusterTopology, facts: readonly TopologyFact[]): Array<string | undefined> {
  const owners = Array.from(before.slotTable, (index) => before.shards[index]?.id);
  for (const fact of facts) {
    if (fact.kind !== 'slotsMoved' && fact.kind !== 'slotsCovered' && fact.kind !== 'slotsUncovered')
      continue;
    for (const { first, last } of fact.slots) {
      const to = fact.kind === 'slotsUncovered' ? undefined : fact.to.shardId;
      owners.fill(to, first, last + 1);
    }
  }
  return owners;
}

describe('a topology built from a reply', () => {
  it.each([
    ['CLUSTER SHARDS', shardsReply, parseClusterShards],
    ['CLUSTER SLOTS', slotsReply, parseClusterSlots],
  ] as const)('covers exactly the slots that %s gives away, each by its owner', (_command, write, parse) => {
    fc.assert(
      fc.property(layout, (cluster) => {
        const topology = buildTopology(parse(write(cluster), ASKED));
        expectSound(topology);
        const owners = ownersOf(cluster);
        for (let slot = 0; slot < SLOT_COUNT; slot++) {
          const shard = topology.shardOf(slot);
          const third = shard?.primary?.host.split('.')[2] ?? shard?.replicas[0]?.host.split('.')[2];
          if ((third === undefined ? -1 : Number(third)) !== owners[slot]) {
            expect.fail(`slot ${slot} is with ${third}, not with ${owners[slot]}`);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is the same object when the same is told again', () => {
    fc.assert(
      fc.property(layout, (cluster) => {
        const topology = buildTopology(parseClusterShards(shardsReply(cluster), ASKED));
        expect(buildTopology(parseClusterShards(shardsReply(cluster), ASKED), topology)).toBe(topology);
      }),
    );
  });

  it('stays sound whatever came before, and shares every node that did not change', () => {
    fc.assert(
      fc.property(fc.array(view, { minLength: 2, maxLength: 5 }), (views) => {
        let topology = emptyTopology;
        for (const next of views) {
          const successor = buildTopology(next, topology);
          expectSound(successor);
          expect(successor.version - topology.version).toBe(successor === topology ? 0 : 1);
          for (const node of successor.nodes) {
            const old = topology.nodeAt(node.address);
            if (old !== undefined && JSON.stringify(old) === JSON.stringify(node)) expect(node).toBe(old);
          }
          topology = successor;
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('diffTopologies', () => {
  it('finds nothing between a topology and itself', () => {
    fc.assert(
      fc.property(view, (one) => {
        expect(diffTopologies(buildTopology(one), buildTopology(one))).toEqual([]);
      }),
    );
  });

  it('tells enough to follow every slot and every node', () => {
    fc.assert(
      fc.property(view, view, (one, other) => {
        const before = buildTopology(one);
        const after = buildTopology(other, before);
        const facts = diffTopologies(before, after);
        const owners = Array.from(after.slotTable, (index) =>
          index === UNCOVERED ? undefined : after.shards[index]!.id,
        );
        expect(replay(before, facts).join()).toBe(owners.join());

        const addresses = new Set(before.nodes.map((node) => node.address));
        for (const fact of facts) {
          if (fact.kind === 'nodeRemoved') addresses.delete(fact.node);
          if (fact.kind === 'nodeAdded') addresses.add(fact.node);
        }
        expect([...addresses].toSorted()).toEqual(after.nodes.map((node) => node.address).toSorted());
      }),
      { numRuns: 40 },
    );
  });
});

describe('withMoved', () => {
  const slot = fc.nat(SLOT_COUNT - 1);
  const target = fc.oneof(
    fc.tuple(fc.nat(MAX_SHARDS - 1), fc.nat(3)).map(([shard, node]) => `${address(shard, node)}:6379`),
    fc.constantFrom('stranger:6379', '[fd00::1]:6379'),
  );

  it('gives the slot to the named node and leaves the topology sound, move after move', () => {
    fc.assert(
      fc.property(view, fc.array(fc.tuple(slot, target), { minLength: 1, maxLength: 8 }), (one, moves) => {
        let topology = buildTopology(one);
        for (const [moved, to] of moves) {
          const next = withMoved(topology, moved, to);
          expect(next.shardOf(moved)?.primary?.address).toBe(to);
          expectSound(next);
          for (let other = 0; other < SLOT_COUNT; other++) {
            if (other !== moved && next.slotTable[other] !== topology.slotTable[other]) {
              expect.fail(`slot ${other} went along with slot ${moved}`);
            }
          }
          expect(withMoved(next, moved, to)).toBe(next);
          topology = next;
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('the parsers', () => {
  const leaf = fc.oneof(
    fc.constantFrom(
      'slots',
      'nodes',
      'id',
      'port',
      'tls-port',
      'endpoint',
      'ip',
      'role',
      'master',
      'slave',
      'health',
      'online',
      '?',
      '',
      null,
    ),
    fc.integer({ min: -2, max: 70_000 }),
    fc.string(),
    fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
    fc.double(),
    fc.boolean(),
    fc.bigInt(),
    fc.constant(undefined),
  );
  const garbage = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      leaf,
      tie('list'),
      tie('record'),
      tie('map'),
    ),
    list: fc.array(tie('value'), { maxLength: 6 }),
    record: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
    map: fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
  })).value;
  /** Real replies with one element torn out and something else put in its place: gets far deeper than pure noise. */
  const torn = fc
    .tuple(
      layout.map((cluster) => [shardsReply(cluster), slotsReply(cluster)]),
      fc.nat(),
      garbage,
      fc.array(fc.nat(), { maxLength: 6 }),
    )
    .map(([replies, which, noise, path]) => replace(structuredClone(replies[which % 2]), path, noise));

  function replace(value: unknown, [step, ...rest]: readonly number[], noise: unknown): unknown {
    if (step === undefined || !Array.isArray(value) || value.length === 0) return noise;
    const index = step % value.length;
    return value.with(index, replace(value[index], rest, noise));
  }

  it.each([
    ['CLUSTER SHARDS', parseClusterShards],
    ['CLUSTER SLOTS', parseClusterSlots],
    ['INFO replication', parseInfoReplication],
    ['ROLE', parseRole],
  ] as const)(
    'of %s throw nothing but TopologyReplyError, and give a sound topology else',
    (_command, parse) => {
      fc.assert(
        fc.property(fc.oneof(garbage, torn), (reply) => {
          let told: TopologyView;
          try {
            told = parse(reply, ASKED);
          } catch (error) {
            expect(error).toBeInstanceOf(TopologyReplyError);
            return;
          }
          expectSound(buildTopology(told));
        }),
        { numRuns: 500 },
      );
    },
  );

  it('of INFO bear any lines after a role', () => {
    const line = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('slave0', 'slave1', 'master_host', 'master_port', 'role'), fc.string())
        .map((pair) => pair.join(':')),
    );
    fc.assert(
      fc.property(fc.constantFrom('master', 'slave'), fc.array(line), (role, lines) => {
        try {
          expectSound(
            buildTopology(
              parseInfoReplication(['# Replication', `role:${role}`, ...lines].join('\r\n'), ASKED),
            ),
          );
        } catch (error) {
          expect(error).toBeInstanceOf(TopologyReplyError);
        }
      }),
    );
  });
});

describe('addresses and redirects', () => {
  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
  const port = fc.integer({ min: 1, max: 65_535 });

  it('survive being written and read again', () => {
    fc.assert(
      fc.property(host, port, (name, number) => {
        const written = formatAddress(name, number);
        const parts = parseAddress(written);
        expect(parts).toEqual({ host: name.toLowerCase(), port: number });
        expect(formatAddress(parts.host, parts.port)).toBe(written);
      }),
    );
  });

  it('are read from what a server prints, brackets or none', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('MOVED', 'ASK'),
        fc.nat(SLOT_COUNT - 1),
        host,
        port,
        (word, slot, name, number) => {
          const redirect = { kind: word.toLowerCase(), slot, host: name.toLowerCase(), port: number };
          expect(parseRedirect(`${word} ${slot} ${name}:${number}`)).toEqual(redirect);
          expect(parseRedirect(`${word} ${slot} ${formatAddress(name, number)}`)).toEqual(redirect);
        },
      ),
    );
  });

  it('never come from a text that makes no sense', () => {
    fc.assert(
      fc.property(fc.constantFrom('MOVED', 'ASK', 'ERR'), fc.string(), fc.string(), (word, slot, target) => {
        const redirect = parseRedirect(`${word} ${slot} ${target}`);
        if (redirect === undefined || redirect.kind === 'nonsense') return;
        expect(redirect.slot).toBeLessThan(SLOT_COUNT);
        expect(parseAddress(formatAddress(redirect.host || 'answering', redirect.port)).port).toBe(
          redirect.port,
        );
      }),
    );
  });
});
