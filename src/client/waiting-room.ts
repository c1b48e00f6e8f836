import type { Clock, Timer } from '../support/index.js';
import type { Shard } from '../topology/index.js';
import type { Call } from './call.js';

/** What a waiting room works with. */
export interface WaitingRoomOptions {
  /** The most calls that may wait for one shard. */
  readonly maxPerShard: number;
  readonly clock: Clock;
  /** How long until those that wait are looked at again though nothing is known to have changed, in milliseconds. */
  pollMs(): number;
  /** The shard that serves a slot now. */
  shardOf(slot: number): Shard | undefined;
  /** Lets a call try again. */
  release(call: Call): void;
}

/** What a call waits for. */
export type WaitsFor =
  /** Another state of the shard of its slot: another primary, or one that can be used. */
  | 'shard'
  /** Another state of the cluster: nodes said that it is down. */
  | 'cluster';

interface Room {
  /** As it was when the first of these calls came. */
  readonly shard: Shard | undefined;
  readonly waitsFor: WaitsFor;
  readonly calls: Set<Call>;
  readonly poll: Timer;
}

/**
 * Where calls wait that have nowhere to go: not for a time, but until something has changed. They leave together, as
 * soon as their shard has another primary or a node of it can be used again.
 */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  readonly #rooms = new Map<string, Room>();

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
  }

  /** Calls that wait. */
  get size(): number {
    let size = 0;
    for (const room of this.#rooms.values()) size += room.calls.size;
    return size;
  }

  /** Lets a call wait. @returns what ends its wait, or `undefined` when too many wait for the same shard already */
  enter(call: Call, waitsFor: WaitsFor): Timer | undefined {
    const shard = this.#options.shardOf(call.slot);
    const name = `${waitsFor} ${shard?.id ?? ''}`;
    let room = this.#rooms.get(name);
    if (room === undefined) {
      room = { shard, waitsFor, calls: new Set(), poll: this.#poll(name) };
      this.#rooms.set(name, room);
    }
    const { calls } = room;
    if (calls.size >= this.#options.maxPerShard) return undefined;
    calls.add(call);
    return { cancel: () => calls.delete(call) };
  }

  /** Another topology is in force: those whose shard has changed may go. */
  topologyChanged(): void {
    // Who is let go and has nowhere to go still comes back at once, and must not be let go again for the same reason.
    for (const [name, { shard, waitsFor, calls }] of [...this.#rooms]) {
      const [first] = calls;
      if (first === undefined) this.#release(name);
      else if (waitsFor === 'cluster' || shard === undefined || this.#options.shardOf(first.slot) !== shard)
        this.#release(name);
    }
  }

  /** A node can be used again: those that may have waited for it may go. */
  nodeUsable(address: string): void {
    for (const [name, { shard }] of [...this.#rooms]) {
      const isConcerned =
        shard === undefined ||
        shard.primary?.address === address ||
        shard.replicas.some((replica) => replica.address === address);
      if (isConcerned) this.#release(name);
    }
  }

  /** Forgets everybody. Their calls have ended, or end by their deadlines. */
  close(): void {
    for (const { poll } of this.#rooms.values()) poll.cancel();
    this.#rooms.clear();
  }

  #poll(name: string): Timer {
    return this.#options.clock.schedule(this.#options.pollMs(), () => this.#release(name));
  }

  #release(name: string): void {
    const room = this.#rooms.get(name);
    if (room === undefined) return;
    this.#rooms.delete(name);
    room.poll.cancel();
    for (const call of room.calls) this.#options.release(call);
  }
}
