import type { ShardKeys } from './protocol.js';

/** Keys per shard: enough that calls spread over slots, few enough that each counter counts. */
const READ_KEYS = 200;
const WRITE_KEYS = 200;
const COUNTERS = 20;

const VALUE_BYTES = 100;

/** Keys for every shard, found by trying. @param shardOf - which shard owns a key now */
export function keysByShard(shards: readonly number[], shardOf: (key: string) => number): ShardKeys[] {
  const read = family('read', READ_KEYS, shards, shardOf);
  const write = family('write', WRITE_KEYS, shards, shardOf);
  const increment = family('counter', COUNTERS, shards, shardOf);
  return shards.map((shard) => ({
    shard,
    read: read.get(shard)!,
    write: write.get(shard)!,
    increment: increment.get(shard)!,
  }));
}

function family(
  name: string,
  count: number,
  shards: readonly number[],
  shardOf: (key: string) => number,
): Map<number, string[]> {
  const found = new Map(shards.map((shard) => [shard, [] as string[]]));
  for (let index = 0; [...found.values()].some((keys) => keys.length < count); index++) {
    const key = `${name}:${index}`;
    const keys = found.get(shardOf(key))!;
    if (keys.length < count) keys.push(key);
  }
  return found;
}

/** Begins with its key, so that a reader can tell that it is the right one. */
export function valueOf(key: string): string {
  return `${key}|`.padEnd(VALUE_BYTES, 'abcdefghijklmnopqrstuvwxyz');
}
