import { describe, expect, it } from 'vitest';
import { LagGuard } from '../../../src/discovery/index.js';
import { ManualClock } from '../../support/manual-clock.js';
import { clusterView, shardView } from '../topology/views.js';
import { buildTopology } from '../../../src/topology/index.js';
import { FakeNodes, type Reaction, turns } from './fake-nodes.js';

const primary = (offset: number): Reaction => ({ reply: ['master', offset, []] });
const replica = (offset: number, state = 'connected'): Reaction => ({
  reply: ['slave', 'node', 1, state, offset],
});

class Subject {
  readonly clock = new ManualClock();
  readonly nodes = new FakeNodes();
  readonly told: Array<readonly [address: string, lagBytes: number | undefined, isTooFar: boolean]> = [];
  readonly guard: LagGuard;

  constructor(reactions: Record<number, Reaction>, shards = 1) {
    for (const [port, reaction] of Object.entries(reactions)) this.nodes.add(`node:${port}`, () => reaction);
    const view = clusterView(
      Array.from({ length: shards }, (_, i) => shardView([`${i}`], [10 * i + 1, 10 * i + 2, 10 * i + 3])),
    );
    this.guard = new LagGuard({
      nodes: this.nodes,
      maxLagBytes: 100,
      intervalMs: 1_000,
      askTimeoutMs: 3_000,
      clock: this.clock,
      random: () => 0,
      current: () => buildTopology(view),
      onMeasured: (...measured) => this.told.push(measured),
    });
    this.guard.start();
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await turns();
  }

  react(port: number, reaction: Reaction): void {
    this.nodes.find(`node:${port}`)!.react = () => reaction;
  }
}

describe('a lag guard', () => {
  it('tells how far each replica is behind, and whether that is too far', async () => {
    const subject = new Subject({ 1: primary(1_000), 2: replica(900), 3: replica(899) });
    await subject.pass(1_000);
    expect(subject.told).toEqual([
      ['node:2', 100, false],
      ['node:3', 101, true],
    ]);
  });

  it('asks again after every interval, and sees a replica catch up', async () => {
    const subject = new Subject({ 1: primary(1_000), 2: replica(0), 3: replica(1_000) });
    await subject.pass(1_000);
    subject.react(2, replica(1_000));
    await subject.pass(999);
    expect(subject.told).toHaveLength(2);
    await subject.pass(1);
    expect(subject.told.at(-2)).toEqual(['node:2', 0, false]);
    expect(subject.guard.questions).toBe(6);
  });

  it('takes a replica that is asked a moment later, and is ahead, for one that is not behind', async () => {
    const subject = new Subject({ 1: primary(1_000), 2: replica(1_010), 3: replica(1_000) });
    await subject.pass(1_000);
    expect(subject.told[0]).toEqual(['node:2', 0, false]);
  });

  it('calls a replica too far behind that is not connected to its primary', async () => {
    const subject = new Subject({ 1: primary(1_000), 2: replica(-1, 'connect'), 3: replica(1_000, 'sync') });
    await subject.pass(1_000);
    expect(subject.told).toEqual([
      ['node:2', undefined, true],
      ['node:3', undefined, true],
    ]);
  });

  it('calls nobody too far behind whose primary does not answer: replicas are all there is then', async () => {
    const subject = new Subject({ 1: 'hangs', 2: replica(5, 'connect'), 3: replica(0) });
    await subject.pass(1_000);
    expect(subject.told).toEqual([]);
    await subject.pass(1_000);
    expect(subject.told.slice(0, 2)).toEqual([
      ['node:2', undefined, false],
      ['node:3', undefined, false],
    ]);
  });

  it('says nothing of a node that hangs, refuses to say, talks nonsense or has been promoted', async () => {
    for (const reaction of ['hangs', { error: 'NOPERM' }, { reply: 7 }, primary(2)] as const) {
      const subject = new Subject({ 1: primary(1_000), 2: reaction, 3: replica(1_000) });
      await subject.pass(1_000);
      await subject.pass(1_000);
      expect(new Set(subject.told.map(([address]) => address))).toEqual(new Set(['node:3']));
    }
  });

  it('does not ask a node of which it is known that it cannot be reached', async () => {
    const subject = new Subject({ 1: primary(1_000), 2: replica(0), 3: replica(1_000) });
    subject.nodes.find('node:2')!.isUsable = false;
    await subject.pass(1_000);
    expect(subject.told).toEqual([['node:3', 0, false]]);
    expect(subject.nodes.find('node:2')!.asked).toEqual([]);
  });

  it('asks nobody a second time who has not answered, while it measures the others', async () => {
    const subject = new Subject(
      { 1: 'hangs', 2: replica(1), 3: replica(1), 11: primary(9), 12: replica(9), 13: replica(8) },
      2,
    );
    await subject.pass(1_000);
    expect(subject.told).toEqual([
      ['node:12', 0, false],
      ['node:13', 1, false],
    ]);
    await subject.pass(999);
    expect(subject.nodes.find('node:1')!.asked).toEqual(['ROLE']);
  });

  it('asks the nodes of no more than 16 shards at a time', async () => {
    const subject = new Subject({}, 40);
    await subject.pass(1_000);
    expect(subject.guard.questions).toBe(16 * 3);
  });

  it('says nothing any more when it is closed, and leaves no timer', async () => {
    const subject = new Subject({ 1: primary(1_000), 2: replica(0), 3: replica(0) });
    subject.clock.advance(1_000);
    subject.guard.close();
    await turns();
    await subject.pass(10_000);
    expect(subject.told).toEqual([]);
    subject.guard.start();
    expect(subject.clock.pending).toBe(0);
  });
});
