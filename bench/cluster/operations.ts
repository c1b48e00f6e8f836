import { strict as assert } from 'node:assert';
import type { BenchClient } from './clients/bench-client.js';
import { keysOf, PREPARED, valueOf } from './workloads.js';
import type { Workload } from './workloads.js';

/** One kind of work, by number: the numbers are below `count`. */
export interface Operation {
  readonly count: number;
  issue(index: number): Promise<unknown>;
  /** @throws AssertionError when the reply is not what was stored. */
  check(reply: unknown, index: number): void;
  /** Looks again, after the clock has stopped, at what was done with `index` last. */
  confirm(index: number): Promise<void>;
}

/** Every reply's length is checked, and of one in so many the whole value. */
const WHOLE_VALUE_EVERY = 64;

/** How many different MGETs and MSETs there are. */
const BATCHES = 512;

/** The operation of a workload; `writer` marks the values it writes. */
export function operationOf(workload: Workload, client: BenchClient, writer: string): Operation {
  const reading = workload.kind === 'get' || workload.kind === 'mget';
  const keys = keysOf(workload);
  const values = keys.map((key) => valueOf(key, reading ? PREPARED : writer, workload.valueBytes));
  if (workload.keysPerOperation > 1) return manyKeys(workload, client, keys, values);
  const check = valueChecker();
  return {
    count: keys.length,
    issue: reading
      ? (index) => client.get(keys[index]!)
      : (index) => client.set(keys[index]!, values[index]!),
    check: reading ? (reply, index) => check(reply, values[index]!) : checkOk,
    confirm: async (index) => assert.equal(await client.get(keys[index]!), values[index]),
  };
}

/** MGET or MSET of one of `BATCHES` random selections of keys. */
function manyKeys(
  { kind, keysPerOperation }: Workload,
  client: BenchClient,
  keys: readonly string[],
  values: readonly string[],
): Operation {
  const pick = randomIndexes(keys.length);
  const batches = Array.from({ length: BATCHES }, () => Array.from({ length: keysPerOperation }, pick));
  const batchKeys = batches.map((batch) => batch.map((index) => keys[index]!));
  const batchValues = batches.map((batch) => batch.map((index) => values[index]!));
  const check = valueChecker();
  const checkAll = (reply: unknown, batch: number): void => {
    const wanted = batchValues[batch]!;
    assert.ok(
      Array.isArray(reply) && reply.length === wanted.length,
      'MGET answered another number of values',
    );
    for (let index = 0; index < wanted.length; index++) check(reply[index], wanted[index]!);
  };
  return {
    count: BATCHES,
    issue:
      kind === 'mget'
        ? (batch) => client.mget(batchKeys[batch]!)
        : (batch) => client.mset(batchKeys[batch]!, batchValues[batch]!),
    check: kind === 'mget' ? checkAll : checkOk,
    confirm: async (batch) => assert.deepEqual(await client.mget(batchKeys[batch]!), batchValues[batch]),
  };
}

/** Length alone is nearly free; comparing every megabyte would measure the comparison. */
function valueChecker(): (value: unknown, wanted: string) => void {
  let values = 0;
  return (value, wanted) => {
    if (typeof value !== 'string' || value.length !== wanted.length) {
      assert.fail(`a reply is no string of ${wanted.length} characters`);
    }
    if (values++ % WHOLE_VALUE_EVERY === 0) assert.ok(value === wanted, 'a reply is not the value stored');
  };
}

/** A SET answers OK; an MSET one OK, or one for each key where it was many SETs. */
function checkOk(reply: unknown): void {
  if (reply !== 'OK')
    assert.ok(Array.isArray(reply) && reply.every((each) => each === 'OK'), 'a write did not answer OK');
}

/** The same evenly spread numbers below `count` in every process (xorshift32), so that all clients do the same. */
export function randomIndexes(count: number): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % count;
  };
}
