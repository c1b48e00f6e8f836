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
  const keys = keysOf(workload);
  const reading = workload.kind === 'get' || workload.kind === 'mget';
  const values = keys.map((key) => valueOf(key, reading ? PREPARED : writer, workload.valueBytes));
  let replies = 0;

  const checkValue = (value: unknown, wanted: string): void => {
    // Length alone is nearly free; comparing every megabyte would measure the comparison.
    if (typeof value !== 'string' || value.length !== wanted.length) {
      assert.fail(`a reply is no string of ${wanted.length} characters`);
    }
    if (replies++ % WHOLE_VALUE_EVERY === 0) assert.ok(value === wanted, 'a reply is not the value stored');
  };

  switch (workload.kind) {
    case 'get':
      return {
        count: keys.length,
        issue: (index) => client.get(keys[index]!),
        check: (reply, index) => checkValue(reply, values[index]!),
        confirm: async (index) => checkValue(await client.get(keys[index]!), values[index]!),
      };
    case 'set':
      return {
        count: keys.length,
        issue: (index) => client.set(keys[index]!, values[index]!),
        check: (reply) => assert.ok(reply === 'OK', 'SET did not answer OK'),
        confirm: async (index) => assert.equal(await client.get(keys[index]!), values[index]),
      };
    case 'mget':
    case 'mset': {
      const pick = randomIndexes(keys.length);
      const batches = Array.from({ length: BATCHES }, () => Array.from({ length: workload.keysPerOperation }, pick));
      const batchKeys = batches.map((batch) => batch.map((index) => keys[index]!));
      const batchValues = batches.map((batch) => batch.map((index) => values[index]!));
      const checkAll = (reply: unknown, batch: number): void => {
        const wanted = batchValues[batch]!;
        assert.ok(Array.isArray(reply) && reply.length === wanted.length, 'MGET answered another number of values');
        for (let index = 0; index < wanted.length; index++) checkValue(reply[index], wanted[index]!);
      };
      return {
        count: BATCHES,
        issue:
          workload.kind === 'mget'
            ? (batch) => client.mget(batchKeys[batch]!)
            : (batch) => client.mset(batchKeys[batch]!, batchValues[batch]!),
        check: workload.kind === 'mget' ? checkAll : () => {},
        confirm: async (batch) => assert.deepEqual(await client.mget(batchKeys[batch]!), batchValues[batch]),
      };
    }
  }
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
