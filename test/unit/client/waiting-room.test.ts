import { describe, expect, it } from 'vitest';
import type { Call } from '../../../src/client/call.js';
import { WaitingRoom } from '../../../src/client/waiting-room.js';
import { buildTopology, type ClusterTopology } from '../../../src/topology/index.js';
import { ManualClock } from '../../support/manual-clock.js';
import { clusterView, shardView, threeShards, threeShardTopology } from '../topology/views.js';
import { getCall } from './calls.js';

const POLL_MS = 150;
/** Keys of the first, the second and the third shard. */
const [FIRST, SECOND, THIRD] = ['b', 'c', 'a'] as const;

interface Subject {
  readonly room: WaitingRoom;
  readonly clock: ManualClock;
  readonly released: Call[];
  topology: ClusterTopology | undefined;
}

function subject(maxPerShard = 10): Subject {
  const clock = new ManualClock();
  const released: Call[] = [];
  const made: Subject = { clock, released, topology: threeShardTopology(), room: undefined as never };
  const room = new WaitingRoom({
    maxPerShard,
    clock,
    pollMs: () => POLL_MS,
    shardOf: (slot) => made.topology?.shardOf(slot),
    release: (call) => released.push(call),
  });
  return Object.assign(made, { room });
}

const callOf = (key: string): Call => getCall(key).call;

/** The first shard has failed over to its replica; the others are the same objects as before. */
function failedOver(before: ClusterTopology): ClusterTopology {
  const [, ...others] = threeShards.shards;
  return buildTopology(clusterView([shardView(['0-5460'], [11, 1]), ...others]), before);
}

describe('a waiting room', () => {
  it('knows the shards of these keys', () => {
    const topology = threeShardTopology();
    const shards = [FIRST, SECOND, THIRD].map((key) => topology.shardOf(callOf(key).slot)?.index);
    expect(shards).toEqual([0, 1, 2]);
  });

  it('holds as many as it may for each shard, and tells those who come too many', () => {
    const { room } = subject(2);
    expect([FIRST, FIRST, FIRST].map((key) => room.enter(callOf(key), 'shard') !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
    expect(room.enter(callOf(SECOND), 'shard')).toBeDefined();
    expect(room.size).toBe(3);
  });

  it('has room again when somebody leaves', () => {
    const { room, released, clock } = subject(1);
    const wait = room.enter(callOf(FIRST), 'shard')!;
    expect(room.enter(callOf(FIRST), 'shard')).toBeUndefined();
    wait.cancel();
    expect(room.size).toBe(0);
    const next = callOf(FIRST);
    expect(room.enter(next, 'shard')).toBeDefined();
    clock.advance(POLL_MS);
    expect(released).toEqual([next]);
  });

  it('can have no places at all', () => {
    expect(subject(0).room.enter(callOf(FIRST), 'shard')).toBeUndefined();
  });

  it('lets those go whose shard has changed, in the order in which they came, and nobody else', () => {
    const scene = subject();
    const waiting = [callOf(FIRST), callOf(FIRST), callOf(FIRST)];
    for (const call of waiting) scene.room.enter(call, 'shard');
    scene.room.enter(callOf(SECOND), 'shard');
    scene.topology = failedOver(scene.topology!);
    scene.room.topologyChanged();
    expect(scene.released).toEqual(waiting);
    expect(scene.room.size).toBe(1);
  });

  it('keeps those whose shard is what it was, however often topologies come', () => {
    const scene = subject();
    scene.room.enter(callOf(SECOND), 'shard');
    scene.topology = failedOver(scene.topology!);
    scene.room.topologyChanged();
    scene.room.topologyChanged();
    expect(scene.released).toEqual([]);
  });

  it('lets those go with any change who wait for the cluster or for a shard nobody knew', () => {
    const scene = subject();
    const known = scene.topology!;
    const forCluster = callOf(SECOND);
    scene.room.enter(forCluster, 'cluster');
    scene.topology = undefined;
    const forAnybody = callOf(THIRD);
    scene.room.enter(forAnybody, 'shard');
    scene.topology = known;
    scene.room.topologyChanged();
    expect(new Set(scene.released)).toEqual(new Set([forCluster, forAnybody]));
    expect(scene.room.size).toBe(0);
  });

  it('lets those go whose primary or replica can be used again', () => {
    const scene = subject();
    const [first, second] = [callOf(FIRST), callOf(SECOND)];
    scene.room.enter(first, 'shard');
    scene.room.enter(second, 'shard');
    scene.room.nodeUsable('node:3');
    expect(scene.released).toEqual([]);
    scene.room.nodeUsable('node:11');
    expect(scene.released).toEqual([first]);
    scene.room.nodeUsable('node:2');
    expect(scene.released).toEqual([first, second]);
  });

  it('lets everybody look for himself after a while, once, and begins anew with the next who comes', () => {
    const { room, clock, released } = subject();
    const early = callOf(FIRST);
    room.enter(early, 'shard');
    clock.advance(100);
    const late = callOf(FIRST);
    room.enter(late, 'shard');
    clock.advance(POLL_MS - 101);
    expect(released).toEqual([]);
    clock.advance(1);
    expect(released).toEqual([early, late]);
    expect(clock.pending).toBe(0);
    room.enter(early, 'shard');
    clock.advance(POLL_MS);
    expect(released).toEqual([early, late, early]);
  });

  it('does not call those who have left', () => {
    const { room, clock, released } = subject();
    const [gone, stays] = [callOf(FIRST), callOf(FIRST)];
    const wait = room.enter(gone, 'shard')!;
    room.enter(stays, 'shard');
    wait.cancel();
    wait.cancel();
    clock.advance(POLL_MS);
    expect(released).toEqual([stays]);
    wait.cancel();
  });

  it('may be entered again by those it lets go', () => {
    const scene = subject();
    const clock = new ManualClock();
    const room: WaitingRoom = new WaitingRoom({
      maxPerShard: 5,
      clock,
      pollMs: () => POLL_MS,
      shardOf: (slot) => scene.topology!.shardOf(slot),
      release: (call) => void room.enter(call, 'shard'),
    });
    for (let i = 0; i < 5; i++) room.enter(callOf(FIRST), 'shard');
    room.nodeUsable('node:1');
    clock.advance(POLL_MS);
    scene.topology = failedOver(scene.topology!);
    room.topologyChanged();
    expect(room.size).toBe(5);
    expect(clock.pending).toBe(1);
  });

  it('leaves no timer behind, and calls nobody any more, once it is closed', () => {
    const { room, clock, released } = subject();
    room.enter(callOf(FIRST), 'shard');
    room.enter(callOf(SECOND), 'cluster');
    room.close();
    expect(clock.pending).toBe(0);
    expect(room.size).toBe(0);
    clock.advance(60_000);
    expect(released).toEqual([]);
  });
});
