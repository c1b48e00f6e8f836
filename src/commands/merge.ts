import { InvariantError } from '../errors/index.js';
import type { Random } from '../support/index.js';
import type { CommandSpec, ResponsePolicy } from './spec.js';

/**
 * One reply out of those of all the nodes a command was sent to, by the command's response policy:
 *
 * - `one_succeeded`: the first that is no failure;
 * - `all_succeeded`: the first, when none failed;
 * - `agg_sum`, `agg_min`, `agg_max`, `agg_logical_and`, `agg_logical_or`: the numbers combined; arrays of numbers
 *   (`SCRIPT EXISTS`) place by place;
 * - `special`: only `RANDOMKEY` is sent to several nodes; one of the keys, by `random`, null when there is none;
 * - none: arrays are joined in the order given (`KEYS`, `SLOWLOG GET`), which may hold a key twice while its slot moves;
 *   of other replies the first.
 *
 * @param outcomes - a raw reply of each node, or an `Error` where it failed
 * @throws the first failure, unless the policy is content with one success
 * @see https://redis.io/docs/latest/develop/reference/command-tips/#response_policy
 */
export function mergeReplies(spec: CommandSpec, outcomes: readonly unknown[], random: Random): unknown {
  const replies = outcomes.filter((outcome) => !(outcome instanceof Error));
  const failure = outcomes.find((outcome) => outcome instanceof Error);
  const policy = spec.responsePolicy;
  if (failure !== undefined && (policy !== 'one_succeeded' || replies.length === 0)) throw failure;
  if (replies.length === 0) throw new InvariantError(`${spec.name}: no reply to merge`);
  const operation = policy === undefined ? undefined : OPERATIONS.get(policy);
  if (operation !== undefined) return combine(replies, operation);
  if (policy === 'special') {
    const keys = replies.filter((reply) => reply !== null);
    return keys[Math.floor(random() * keys.length)] ?? null;
  }
  return policy === undefined && replies.every(Array.isArray) ? replies.flat() : replies[0];
}

type Operation = (a: number, b: number) => number;

const OPERATIONS: ReadonlyMap<ResponsePolicy, Operation> = new Map<ResponsePolicy, Operation>([
  ['agg_sum', (a, b) => a + b],
  ['agg_min', Math.min],
  ['agg_max', Math.max],
  ['agg_logical_and', (a, b) => (a !== 0 && b !== 0 ? 1 : 0)],
  ['agg_logical_or', (a, b) => (a !== 0 || b !== 0 ? 1 : 0)],
]);

function combine(replies: readonly unknown[], operation: Operation): unknown {
  return replies.reduce((a, b) =>
    Array.isArray(a)
      ? a.map((element, i) => operation(element as number, (b as readonly number[])[i]!))
      : operation(a as number, b as number),
  );
}
