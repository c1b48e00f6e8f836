import { InvalidArgumentError } from '../../errors/index.js';
import type { Reply } from '../admin/index.js';
import type { Fleet } from '../fleet.js';
import { groupBy } from '../group-by.js';
import { HarnessError } from '../harness-error.js';
import type { Member } from '../member.js';
import { ADMIN_USER } from '../options.js';
import { checkSlot, type SlotSpan, slotsOf } from '../slots.js';

/** One slot, or a list of slots and of runs with first and last slot. */
export type Slots = number | ReadonlyArray<number | SlotSpan>;

/** Which slots move where, and how. */
export interface MoveSlotsOptions {
  readonly slots: Slots;
  /** Number of the shard that gets them. */
  readonly to: number;
  /** Keys that move with one `MIGRATE`. @defaultValue `10` */
  readonly keysPerBatch?: number;
  /** Called after each batch, and waited for: a test can look at a slot that is half here, half there. */
  readonly onBatch?: (batch: { readonly slot: number; readonly movedKeys: number }) => void | Promise<void>;
}

const DEFAULT_KEYS_PER_BATCH = 10;
/** Slots that are open at the same time. Most slots are empty; one after another they would take seconds. */
const SLOTS_AT_ONCE = 256;
/** How often a group of slots is taken up again after a node refused, for one because of a failover in the midst. */
const MAX_ATTEMPTS = 5;
const MIGRATE_TIMEOUT_MS = 5_000;

/** Moves slots with their keys while clients go on. */
export async function moveSlots(fleet: Fleet, options: MoveSlotsOptions): Promise<void> {
  const { slots, to, keysPerBatch = DEFAULT_KEYS_PER_BATCH } = options;
  const wanted = [...new Set(expand(slots))];
  fleet.ofShard(to);
  if (!Number.isSafeInteger(keysPerBatch) || keysPerBatch < 1) {
    throw new InvalidArgumentError(
      `moveSlots: keysPerBatch is a whole number of at least 1, not ${keysPerBatch}`,
    );
  }
  await fleet.agree('the cluster is healthy, so that slots can be moved');
  for (let at = 0; at < wanted.length; at += SLOTS_AT_ONCE) {
    await moveGroup(fleet, wanted.slice(at, at + SLOTS_AT_ONCE), { ...options, keysPerBatch });
  }
  await fleet.agree(`shard ${to} owns the ${wanted.length} moved slots`, {
    condition: (view) => {
      const primary = fleet.primaryOfShard(to);
      const owned = new Set(slotsOf(view.find(({ id }) => id === primary.id)?.slots ?? []));
      const missing = wanted.find((slot) => !owned.has(slot));
      if (missing !== undefined) throw new HarnessError(`${primary.address} does not own slot ${missing}`);
    },
  });
}

function expand(slots: Slots): number[] {
  const parts = typeof slots === 'number' ? [slots] : slots;
  return parts.flatMap((part) => {
    if (typeof part === 'number') return [checkSlot(part)];
    const [first, last] = part.map(checkSlot) as [number, number];
    if (first <= last) return slotsOf([[first, last]]);
    throw new InvalidArgumentError(`A run of slots ends at or after its first slot, not [${first}, ${last}]`);
  });
}

/** A node does not learn of a new owner as long as it imports the slot: left open, it would never become healthy. */
async function closeSlots(fleet: Fleet, slots: readonly number[]): Promise<void> {
  const primaries = fleet.reachable.filter(({ role }) => role === 'primary');
  const close = slots.map((slot) => ['CLUSTER', 'SETSLOT', slot, 'STABLE']);
  await Promise.all(primaries.map((primary) => primary.callAll(close)));
}

type Move = MoveSlotsOptions & { readonly keysPerBatch: number };

/** After a failover or the like the owners are looked up anew; what has moved already is left out then. */
async function moveGroup(fleet: Fleet, slots: readonly number[], move: Move): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const target = fleet.primaryOfShard(move.to);
    try {
      for (const [source, own] of groupBy(slots, (slot) => fleet.ownerOf(slot))) {
        if (source !== target) await moveBetween(fleet, source, target, own, move);
      }
      return;
    } catch (error) {
      if (!(error instanceof HarnessError) || attempt === MAX_ATTEMPTS || fleet.isStopped) throw error;
      await fleet.agree(`the cluster is healthy, so that slots can go on moving (${error.message})`, {
        before: () => closeSlots(fleet, slots),
      });
    }
  }
}

async function moveBetween(
  fleet: Fleet,
  source: Member,
  target: Member,
  slots: readonly number[],
  move: Move,
): Promise<void> {
  // The target first: a client sent there by the source must not be sent back.
  await forEachSlot(target, slots, 'IMPORTING', source.id);
  await forEachSlot(source, slots, 'MIGRATING', target.id);
  for (const slot of slots) await moveKeys(fleet, source, target, slot, move);
  // The target first again: if the source gave a slot up before, nobody would own it for a moment.
  await forEachSlot(target, slots, 'NODE', target.id);
  await forEachSlot(source, slots, 'NODE', target.id);
  const others = fleet.reachable.filter(({ role }) => role === 'primary');
  const rest = others.filter((member) => member !== source && member !== target);
  await Promise.all(rest.map((member) => forEachSlot(member, slots, 'NODE', target.id)));
}

async function forEachSlot(
  member: Member,
  slots: readonly number[],
  state: string,
  id: string,
): Promise<void> {
  await member.callAll(slots.map((slot) => ['CLUSTER', 'SETSLOT', slot, state, id]));
}

/** Ends since the source takes no new key into a slot that it is giving away. */
async function moveKeys(
  fleet: Fleet,
  source: Member,
  target: Member,
  slot: number,
  move: Move,
): Promise<void> {
  let movedKeys = 0;
  for (;;) {
    const reply: Reply = await source.call('CLUSTER', 'GETKEYSINSLOT', slot, move.keysPerBatch);
    const keys = reply as Buffer[];
    if (keys.length === 0) return;
    await source.callWithin(
      2 * MIGRATE_TIMEOUT_MS,
      ...['MIGRATE', target.own.host, target.own.port, '', 0, MIGRATE_TIMEOUT_MS],
      ...['AUTH2', ADMIN_USER, fleet.adminPassword, 'KEYS'],
      ...keys,
    );
    movedKeys += keys.length;
    await move.onBatch?.({ slot, movedKeys });
  }
}
