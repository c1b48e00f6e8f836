import {
  CONNECTION_STATE,
  IDEMPOTENT,
  NOT_IDEMPOTENT_WITH,
  PAIRS_FROM,
  REPLY_SHAPES,
  type ReplyShape,
  SPLIT,
  type SplitRule,
} from './traits.js';

/** Which nodes a command goes to when its keys do not say. @see https://redis.io/docs/latest/develop/reference/command-tips/ */
export type RequestPolicy = 'all_nodes' | 'all_shards' | 'multi_shard' | 'special';

/** How the replies of several nodes become one. @see https://redis.io/docs/latest/develop/reference/command-tips/ */
export type ResponsePolicy =
  | 'one_succeeded'
  | 'all_succeeded'
  | 'agg_sum'
  | 'agg_min'
  | 'agg_max'
  | 'agg_logical_and'
  | 'agg_logical_or'
  | 'special';

/** Where some of a command's keys are, as the server describes it; positions are 0-based into the arguments. */
export interface KeySpec {
  /** Begin behind this word (upper case), looked for from `from` on; `undefined`: begin at `from`. */
  readonly keyword: string | undefined;
  readonly from: number;
  /** Whether a number of keys is among the arguments; else the keys are a range. */
  readonly counted: boolean;
  /** A range's last key: 0 or more from its first, or (negative) from the end of the arguments. */
  readonly last: number;
  readonly step: number;
  /** Above 1: a range ends after that part (2: the half) of the remaining arguments. */
  readonly limit: number;
  /** Where the number of keys is, from the beginning. */
  readonly countAt: number;
  /** Where the first of counted keys is, from the beginning. */
  readonly firstAt: number;
}

/**
 * What is known about a command or subcommand. Frozen; every spec has the same hidden class.
 *
 * Positions are 0-based into the command's arguments, that is without its name but with its subcommand: the key of
 * `XGROUP CREATE key ...` is at 1.
 */
export interface CommandSpec {
  /** Lower case; a subcommand as `config|get`. */
  readonly name: string;
  /** The first word on the wire, lower case: `config` for `config|get`. */
  readonly word: string;
  /** The subcommands by lower-case name, when this is a container such as `config`. */
  readonly subcommands: ReadonlyMap<string, CommandSpec> | undefined;
  /** The least number of arguments. */
  readonly minArguments: number;
  /** Field-value pairs begin here; -1: the command takes none. */
  readonly pairsFrom: number;
  /** Flagged by the server as reading only: replicas serve it. */
  readonly readOnly: boolean;
  /** Flagged by the server as writing. Neither this nor `readOnly` for commands without data, such as `PING`. */
  readonly write: boolean;
  /** May block its connection; for some only with an option, see {@link isBlocking}. */
  readonly blocking: boolean;
  /** Same arguments, same data, other reply: `SRANDMEMBER`, `TTL`. */
  readonly nondeterministic: boolean;
  /** Where the key is, when the command has exactly one, at a fixed place; -1 otherwise. */
  readonly singleKeyAt: number;
  /** Where the first key is, when that is a fixed place; -1 otherwise. */
  readonly firstKeyAt: number;
  /** Takes no key in any form. */
  readonly keyless: boolean;
  /** Idempotent in every form. Where that depends on options this is false: ask {@link isIdempotent}. */
  readonly idempotent: boolean;
  /** Changes, or needs, the state of its connection: not for a link that callers share. */
  readonly connectionState: boolean;
  /** `undefined`: one node, by the keys; any node when there are none. */
  readonly requestPolicy: RequestPolicy | undefined;
  readonly responsePolicy: ResponsePolicy | undefined;
  /** How it is cut when its keys lie in several slots; `undefined`: it cannot be. */
  readonly split: SplitRule | undefined;
  readonly shape: ReplyShape;
  readonly keySpecs: readonly KeySpec[];
  /** Request heads by argument count, filled by {@link headOf}: a cache, no part of the value. */
  readonly heads: Array<Uint8Array | undefined>;
}

/** Where keys are whose place the servers' key specs cannot tell: see keys.ts. */
const BEYOND_SPECS: ReadonlySet<string> = new Set(['sort', 'migrate']);

/**
 * Reads one row of the table, in the notation that table.ts documents.
 *
 * @param row - what follows the name
 */
export function parseSpec(name: string, row: string, subcommands: CommandSpec['subcommands']): CommandSpec {
  const [arity, flags = '', keys = '-', request = '-', response = '-'] = row.split(' ');
  const bar = name.indexOf('|');
  const keySpecs = keys === '-' ? [] : keys.split(',').map(parseKeySpec);
  const firstKeyAt = BEYOND_SPECS.has(name) ? -1 : fixedPlace(keySpecs[0]);
  const only = keySpecs.length === 1 ? keySpecs[0] : undefined;
  const readOnly = flags.includes('r');
  const split = SPLIT.get(name);
  return Object.freeze({
    name,
    word: bar === -1 ? name : name.slice(0, bar),
    subcommands,
    minArguments: Math.abs(Number(arity)) - 1,
    pairsFrom: PAIRS_FROM.get(name) ?? -1,
    readOnly,
    write: flags.includes('w'),
    blocking: flags.includes('b'),
    nondeterministic: flags.includes('n'),
    singleKeyAt: only?.last === 0 && !only.counted ? firstKeyAt : -1,
    firstKeyAt,
    keyless: keySpecs.length === 0,
    idempotent:
      readOnly || (IDEMPOTENT.has(name) && !NOT_IDEMPOTENT_WITH.has(name)) || name.endsWith('|help'),
    connectionState: CONNECTION_STATE.has(name),
    requestPolicy: requestPolicy(name, request, response, split),
    responsePolicy: response === '-' ? undefined : (response as ResponsePolicy),
    split,
    shape: REPLY_SHAPES.get(name) ?? 'asSent',
    keySpecs,
    heads: [],
  });
}

/**
 * The policy that is followed. A tip is not where its `special` response cannot be told in the shape of one node's
 * reply (`INFO`, `LATENCY DOCTOR`, ...): those are asked of one node. Nor where a command has no rule for its splitting.
 * The one `special` request is `SCAN`, which goes from node to node.
 */
function requestPolicy(
  name: string,
  request: string,
  response: string,
  split: SplitRule | undefined,
): RequestPolicy | undefined {
  if (request === '-') return undefined;
  if (request === 'multi_shard' && split === undefined) return undefined;
  if (request === 'special' && name !== 'scan') return undefined;
  if (response === 'special' && name !== 'scan' && name !== 'randomkey') return undefined;
  return request as RequestPolicy;
}

function fixedPlace(keySpec: KeySpec | undefined): number {
  return keySpec !== undefined && keySpec.keyword === undefined && !keySpec.counted ? keySpec.from : -1;
}

function parseKeySpec(text: string): KeySpec {
  const [, keyword, from, kind, ...parameters] = text.match(KEY_SPEC) ?? [];
  const [first = 0, second = 1, third = 0] = parameters.map(Number).filter((value) => !Number.isNaN(value));
  const counted = kind === '#';
  return {
    keyword,
    // The table counts the command's name as 0.
    from: Number(from) - 1,
    counted,
    last: counted ? 0 : first,
    step: counted ? third : second,
    limit: counted ? 0 : third,
    countAt: counted ? first : 0,
    firstAt: counted ? second : 0,
  };
}

const KEY_SPEC = /^(?:([A-Z]+)@)?(\d+)(?:([:#])(-?\d+):(\d+):(\d+))?$/;
