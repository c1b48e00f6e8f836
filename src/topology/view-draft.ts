import { parseAddress } from './address.js';
import { SLOT_COUNT } from './slot.js';
import { type SlotRange, SlotRangeCollector } from './slot-range.js';
import { type NodeView, nodesOf, type ShardView, type TopologyView } from './view.js';

/** A shard that is being corrected. */
interface DraftShard {
  readonly id: string | undefined;
  primary: NodeView | undefined;
  replicas: NodeView[];
}

const NOBODY = -1;

/** A view that is being corrected. Shards keep their nodes unless a correction says otherwise. */
export class ViewDraft {
  readonly #view: TopologyView;
  readonly #shards: DraftShard[];
  /** Slot to index of the shard, or {@link NOBODY}. */
  readonly #owners = new Int32Array(SLOT_COUNT).fill(NOBODY);
  readonly #placeOf = new Map<string, number>();

  constructor(view: TopologyView) {
    this.#view = view;
    this.#shards = view.shards.map(({ id, primary, replicas }) => ({ id, primary, replicas: [...replicas] }));
    view.shards.forEach((shard, index) => {
      for (const { first, last } of shard.slots) this.#owners.fill(index, first, last + 1);
      for (const node of nodesOf(shard)) this.#placeOf.set(node.address, index);
    });
  }

  /**
   * Gives slots to the primary at `address`, on the word of `source`: its shard as somebody sees it who knows that it
   * leads. When it takes all slots of the shard in which it was a replica, it becomes that shard's primary, else it
   * leads a shard of its own. The replicas that `source` names follow it.
   */
  giveToKnown(slots: readonly number[], address: string, source: ShardView): void {
    const at = this.#placeOf.get(address);
    const index =
      at !== undefined && (this.#shards[at]!.primary?.address === address || this.#takesAll(at, slots))
        ? at
        : this.#newShard(source.primary!);
    this.#promote(index, source.primary!, (old) => {
      const told = source.replicas.find((replica) => replica.address === old.address);
      // It may not know yet that it leads no more: nothing may be read from it before somebody has seen it follow.
      return told ?? (old.health === 'online' ? { ...old, health: 'loading' } : old);
    });
    for (const slot of slots) this.#owners[slot] = index;
    for (const replica of source.replicas) this.#follow(replica, index);
  }

  /**
   * Gives slots to the node at `address`, of which nothing is known but that it owns them, hence is a primary. A replica
   * takes over all slots of its shard: that is how replicas become primaries. A stranger gets a shard of its own.
   */
  giveToNamed(slots: readonly number[], address: string): void {
    let index = this.#placeOf.get(address);
    if (index === undefined) {
      const { host, port } = parseAddress(address);
      index = this.#newShard({ address, host, port, health: 'online', metadata: {} });
    } else {
      const { primary, replicas } = this.#shards[index]!;
      const node = [primary, ...replicas].find((each) => each?.address === address)!;
      this.#promote(index, node, (old) => old);
    }
    for (const slot of slots) this.#owners[slot] = index;
  }

  /** Takes slots away from whoever has them. */
  uncover(slots: readonly number[]): void {
    for (const slot of slots) this.#owners[slot] = NOBODY;
  }

  finish(): TopologyView {
    const collectors = this.#shards.map(() => new SlotRangeCollector());
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      const owner = this.#owners[slot]!;
      if (owner !== NOBODY) collectors[owner]!.add(slot);
    }
    const shards = this.#shards.map(({ id, primary, replicas }, index): ShardView => {
      const slots: readonly SlotRange[] = collectors[index]!.finish();
      return { ...(id === undefined ? {} : { id }), slots, ...(primary && { primary }), replicas };
    });
    return {
      ...this.#view,
      shards: shards.filter((shard) => shard.slots.length > 0 || nodesOf(shard).length > 0),
    };
  }

  #takesAll(index: number, slots: readonly number[]): boolean {
    const taken = new Set(slots);
    return this.#owners.every((owner, slot) => owner !== index || taken.has(slot));
  }

  #newShard(primary: NodeView): number {
    this.#remove(primary.address);
    this.#shards.push({ id: undefined, primary, replicas: [] });
    this.#placeOf.set(primary.address, this.#shards.length - 1);
    return this.#shards.length - 1;
  }

  #promote(index: number, node: NodeView, demote: (old: NodeView) => NodeView): void {
    const shard = this.#shards[index]!;
    const old = shard.primary;
    if (old?.address === node.address) return;
    shard.replicas = shard.replicas.filter(({ address }) => address !== node.address);
    if (old !== undefined) shard.replicas.push(demote(old));
    shard.primary = node;
  }

  /** Puts a replica where it says it is, unless it leads a shard with slots. */
  #follow(replica: NodeView, index: number): void {
    const at = this.#placeOf.get(replica.address);
    if (at === index) return;
    if (
      at !== undefined &&
      this.#shards[at]!.primary?.address === replica.address &&
      this.#owners.includes(at)
    )
      return;
    this.#remove(replica.address);
    this.#shards[index]!.replicas.push(replica);
    this.#placeOf.set(replica.address, index);
  }

  #remove(address: string): void {
    const at = this.#placeOf.get(address);
    if (at === undefined) return;
    const shard = this.#shards[at]!;
    if (shard.primary?.address === address) shard.primary = undefined;
    else shard.replicas = shard.replicas.filter((replica) => replica.address !== address);
    this.#placeOf.delete(address);
  }
}
