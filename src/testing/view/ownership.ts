import type { Member } from '../member.js';
import { SLOT_COUNT } from '../slots.js';
import type { NodeLine } from './parse-nodes.js';

/**
 * Who is primary of which shard, and who owns which slot, folded from what nodes tell. A claim with a lower
 * configuration epoch than the one held is old news, as it is for the nodes themselves.
 */
export class Ownership {
  readonly #owner: Array<Member | undefined> = Array.from({ length: SLOT_COUNT });
  readonly #slotEpoch: Float64Array = new Float64Array(SLOT_COUNT);
  readonly #shardEpoch: Map<number, number> = new Map();

  /** Undefined when no node claims it. */
  ownerOf(slot: number): Member | undefined {
    return this.#owner[slot];
  }

  /** Every slot of an owner, ascending. */
  slotsOwnedBy(member: Member): number[] {
    return this.#owner.flatMap((owner, slot) => (owner === member ? [slot] : []));
  }

  /** Takes in what one node tells. */
  learn(view: readonly NodeLine[], members: readonly Member[]): void {
    const byId = new Map(members.map((member) => [member.id, member]));
    const claims = view.flatMap((line) => {
      const member = byId.get(line.id);
      return member && line.flags.has('master') ? [{ member, line }] : [];
    });
    for (const { member, line } of claims) {
      this.#learnPrimary(member, line.configEpoch, members);
      this.#learnSlots(member, line);
    }
  }

  /** Forgets everything, for a view that all nodes share. */
  reset(): void {
    this.#owner.fill(undefined);
    this.#slotEpoch.fill(0);
    this.#shardEpoch.clear();
  }

  #learnPrimary(member: Member, epoch: number, members: readonly Member[]): void {
    if (epoch < (this.#shardEpoch.get(member.shard) ?? 0)) return;
    this.#shardEpoch.set(member.shard, epoch);
    for (const each of members) {
      if (each.shard === member.shard) each.role = each === member ? 'primary' : 'replica';
    }
  }

  #learnSlots(member: Member, line: NodeLine): void {
    for (const [first, last] of line.slots) {
      for (let slot = first; slot <= last; slot++) {
        if (line.configEpoch < (this.#slotEpoch[slot] ?? 0)) continue;
        this.#slotEpoch[slot] = line.configEpoch;
        this.#owner[slot] = member;
      }
    }
  }
}
