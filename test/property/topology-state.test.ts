import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advance,
  type Answer,
  buildTopology,
  CLAIM_FRESH_MS,
  type ClusterTopology,
  initialState,
  MAX_CLAIMS,
  type Observation,
  SLOT_COUNT,
  type TopologyState,
} from '../../src/topology/index.js';
import { address, expectSound, MAX_SHARDS, view } from './topology-model.js';

const slot = fc.nat(SLOT_COUNT - 1);
const member = fc
  .tuple(fc.nat(MAX_SHARDS - 1), fc.nat(3))
  .map(([shard, node]) => `${address(shard, node)}:6379`);
const anyone = fc.oneof(
  { weight: 4, arbitrary: member },
  { weight: 1, arbitrary: fc.constantFrom('stranger:6379', '[fd00::1]:6379') },
);

const answer: fc.Arbitrary<Answer> = fc
  .record({
    from: anyone,
    view,
    epoch: fc.option(fc.nat(4), { nil: undefined }),
    ownEpoch: fc.option(fc.nat(4), { nil: undefined }),
    isClusterOk: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(({ from, view: told, epoch, ownEpoch, isClusterOk }) => ({
    from,
    view: {
      ...told,
      ...(epoch === undefined ? {} : { epoch }),
      ...(ownEpoch === undefined ? {} : { ownEpoch }),
      ...(isClusterOk === undefined ? {} : { isClusterOk }),
    },
  }));

/** Answers by few nodes that tell few different things, so that they agree and contradict each other. */
const answers: fc.Arbitrary<readonly Answer[]> = fc
  .tuple(
    fc.array(answer, { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(anyone, fc.nat(2)), { maxLength: 4 }),
  )
  .map(([told, repeated]) => {
    const all = [
      ...told,
      ...repeated.map(([from, which]) => ({ from, view: told[which % told.length]!.view })),
    ];
    return [...new Map(all.map((each) => [each.from, each])).values()];
  });

type Timeless = Observation extends infer O
  ? O extends Observation
    ? Omit<O, 'askedAtMs' | 'atMs'>
    : never
  : never;

const observation: fc.Arbitrary<Timeless> = fc.oneof(
  fc.record({
    kind: fc.constant('answers' as const),
    answers,
    unreachable: fc.array(anyone, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('moved' as const), slot, to: anyone, from: anyone }),
  fc.record({ kind: fc.constant('ask' as const), slot, to: anyone, from: anyone }),
);

/** Observations in the order of their times. */
const story: fc.Arbitrary<readonly Observation[]> = fc
  .array(fc.tuple(observation, fc.nat(CLAIM_FRESH_MS)), { minLength: 1, maxLength: 8 })
  .map((told) => {
    let atMs = 0;
    return told.map(([what, laterMs]): Observation => {
      const askedAtMs = atMs + laterMs / 2;
      atMs += laterMs;
      return what.kind === 'answers' ? { ...what, askedAtMs, atMs } : { ...what, atMs };
    });
  });

const tell = (state: TopologyState): unknown => [
  JSON.stringify(state.topology),
  JSON.stringify(state.claims),
  JSON.stringify([...state.epochs].map((proof) => JSON.stringify(proof)).toSorted()),
];

const ownersOf = (topology: ClusterTopology): string =>
  Array.from(topology.slotTable, (index) => topology.shards[index]?.primary?.address).join();

const withoutVersion = ({ topology }: TopologyState): string =>
  JSON.stringify({ ...topology.toJSON(), version: 0 });

describe('a topology state', () => {
  it('gives each slot to one shard at most, whatever is observed, and remembers no more than it may', () => {
    fc.assert(
      fc.property(story, (observations) => {
        let state = initialState;
        for (const each of observations) {
          state = advance(state, each);
          expectSound(state.topology);
          expect(state.claims.length).toBeLessThanOrEqual(MAX_CLAIMS);
          expect(new Set(state.claims.map((claim) => claim.slot)).size).toBe(state.claims.length);
          if (each.kind !== 'answers') continue;
          const isPrimary = (proved: string): boolean => state.topology.nodeAt(proved)?.role === 'primary';
          expect([...state.epochs.keys()].every(isPrimary)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('has a topology whose version grows by one when anything in it changed, and else stays the same object', () => {
    fc.assert(
      fc.property(story, (observations) => {
        let state = initialState;
        for (const each of observations) {
          const next = advance(state, each);
          const isChanged = next.topology !== state.topology;
          expect(next.topology.version - state.topology.version).toBe(isChanged ? 1 : 0);
          // From nothing known to a cluster known to be empty is a change that cannot be seen in JSON.
          if (state.topology.version > 0)
            expect(withoutVersion(next) !== withoutVersion(state)).toBe(isChanged);
          state = next;
        }
      }),
      { numRuns: 30 },
    );
  });

  it('does not depend on the order of the answers', () => {
    fc.assert(
      fc.property(story, fc.nat(), (observations, turn) => {
        let state = initialState;
        let turned = initialState;
        for (const each of observations) {
          state = advance(state, each);
          if (each.kind !== 'answers') {
            turned = advance(turned, each);
            continue;
          }
          const at = turn % each.answers.length;
          const others = [...each.answers.slice(at), ...each.answers.slice(0, at)];
          turned = advance(turned, {
            ...each,
            answers: turn % 2 === 0 ? others : others.toReversed(),
            unreachable: each.unreachable.toReversed(),
          });
        }
        expect(tell(turned)).toEqual(tell(state));
      }),
      { numRuns: 50 },
    );
  });

  it('is what nodes say as soon as they are of one mind, and no MOVED is fresh', () => {
    fc.assert(
      fc.property(
        story,
        view,
        fc.uniqueArray(anyone, { minLength: 1, maxLength: 3 }),
        (before, told, from) => {
          fc.pre(told.shards.some(({ slots }) => slots.length > 0));
          let state = before.reduce(advance, initialState);
          // A later epoch than any that was proved: nobody knows better.
          const given = from.map((each) => ({ from: each, view: { ...told, epoch: 9 } }));
          const atMs = Number.MAX_SAFE_INTEGER;
          state = advance(state, { kind: 'answers', answers: given, unreachable: [], askedAtMs: atMs, atMs });
          const expected = buildTopology(told);
          expect(ownersOf(state.topology)).toBe(ownersOf(expected));
          expect(state.topology.nodes.length).toBe(expected.nodes.length);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps a slot where a fresh MOVED put it, as long as only others answer', () => {
    fc.assert(
      fc.property(
        view,
        slot,
        anyone,
        fc.array(answer, { minLength: 1, maxLength: 4 }),
        (told, moved, to, given) => {
          const start = { ...initialState, topology: buildTopology(told) };
          const claimed = advance(start, { kind: 'moved', slot: moved, to, from: 'sender:6379', atMs: 0 });
          expect(claimed.topology.shardOf(moved)?.primary?.address).toBe(to);
          const others = given.map((each, i) => ({ ...each, from: `bystander-${i}:6379` }));
          const next = advance(claimed, {
            kind: 'answers',
            answers: others,
            unreachable: [],
            askedAtMs: CLAIM_FRESH_MS,
            atMs: CLAIM_FRESH_MS,
          });
          expect(next.topology.shardOf(moved)?.primary?.address).toBe(to);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('comes to rest when MOVEDs go round in a circle', () => {
    fc.assert(
      fc.property(
        view,
        slot,
        fc.uniqueArray(anyone, { minLength: 2, maxLength: 12 }),
        (told, moved, circle) => {
          let state: TopologyState = { ...initialState, topology: buildTopology(told) };
          let atMs = 0;
          const go = (rounds: number): void => {
            for (let i = 0; i < rounds * circle.length; i++) {
              const [from, to] = [circle[i % circle.length]!, circle[(i + 1) % circle.length]!];
              state = advance(state, { kind: 'moved', slot: moved, to, from, atMs: (atMs += 100) });
            }
          };
          go(1);
          const { version } = state.topology;
          go(5);
          expect(state.topology.version).toBe(version);
        },
      ),
      { numRuns: 30 },
    );
  });
});
