/**
 * What no server says about its commands: judgements of this project, by name, subcommands as `config|get`.
 */

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/**
 * Commands that may be sent again when it is not known whether they were executed.
 *
 * The rule: sent twice in a row, a command leaves the same state as sent once, and its second reply does not tell the
 * caller that a condition failed which in truth held. Replies that only count what changed (`DEL`, `SADD`, `HSET`,
 * `PERSIST`) may count less the second time; relative times to live begin anew. Not here, therefore: what adds or pops
 * (`INCR`, `APPEND`, `LPUSH`, `XADD`, `SPOP`, `LTRIM`), what replies with what was there before (`GETDEL`, `GETSET`,
 * `SETBIT`), conditional writes (`SETNX`, `RENAMENX`), what fails the second time (`RENAME`, `XGROUP CREATE`), what may
 * read the key it writes (`BITOP`, `ZUNIONSTORE`, `ZRANGESTORE`), scripts, and `PUBLISH`.
 *
 * Commands that the server itself flags as reading only need no entry.
 */
export const IDEMPOTENT: ReadonlySet<string> = words(`
  set setex psetex setrange mset msetex del unlink getex persist flushall flushdb
  expire expireat pexpire pexpireat pfadd pfmerge sort bitfield lset
  hset hmset hdel hsetex hgetex hpersist hexpire hexpireat hpexpire hpexpireat
  sadd srem sunionstore sinterstore sdiffstore
  zadd zrem zremrangebyscore zremrangebylex zdiffstore geoadd georadius georadiusbymember
  xack xdel xtrim xsetid xgroup|createconsumer xgroup|setid xgroup|destroy xgroup|delconsumer
  vrem vsetattr
  ping echo time info role lastsave command command|count command|docs command|getkeys command|getkeysandflags
  command|info command|list
  acl|cat acl|deluser acl|dryrun acl|genpass acl|getuser acl|list acl|setuser acl|users acl|whoami
  client|getname client|getredir client|id client|info client|list client|trackinginfo
  cluster|count-failure-reports cluster|countkeysinslot cluster|getkeysinslot cluster|info cluster|keyslot
  cluster|links cluster|myid cluster|myshardid cluster|nodes cluster|replicas cluster|shards cluster|slaves
  cluster|slot-stats cluster|slots
  config|get config|set config|resetstat config|rewrite
  function|dump function|flush function|list function|stats script|exists script|flush script|load script|show
  latency|doctor latency|graph latency|histogram latency|history latency|latest latency|reset
  memory|doctor memory|malloc-stats memory|purge memory|stats module|list
  pubsub|channels pubsub|numpat pubsub|numsub pubsub|shardchannels pubsub|shardnumsub
  slowlog|get slowlog|len slowlog|reset
`);

/** Options with which an otherwise idempotent command is not, upper case. */
export const NOT_IDEMPOTENT_WITH: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['set', words('NX GET IFEQ IFNE IFDEQ IFDNE')],
  ['msetex', words('NX')],
  ['zadd', words('INCR')],
  ['sort', words('STORE')],
  ['georadius', words('STORE STOREDIST')],
  ['georadiusbymember', words('STORE STOREDIST')],
  ['bitfield', words('SET INCRBY')],
  ['hsetex', words('FNX')],
  ...['expire', 'expireat', 'pexpire', 'pexpireat', 'hexpire', 'hexpireat', 'hpexpire', 'hpexpireat'].map(
    (name) => [name, words('NX GT LT')] as const,
  ),
]);

/**
 * Commands that change or depend on the state of the connection they are sent over, or hold it up. On a link that many
 * callers share they would change the meaning of other callers' commands.
 */
export const CONNECTION_STATE: ReadonlySet<string> = words(`
  auth hello select quit reset asking readonly readwrite monitor sync psync replconf
  multi exec discard watch unwatch wait waitaof
  subscribe unsubscribe psubscribe punsubscribe ssubscribe sunsubscribe
  client|reply client|tracking client|caching client|no-evict client|no-touch client|setname client|setinfo
  client|capa script|debug
  himport himport|prepare himport|set himport|discard himport|discardall
`);

/** How the replies to the parts of a split command become one. */
export type SplitMerge = 'concat' | 'sum' | 'allOk';

/** How a command whose keys may lie in several slots is cut into one command per slot. */
export interface SplitRule {
  /** 1: the arguments are keys; 2: keys, each followed by its value. */
  readonly keysPerStep: 1 | 2;
  readonly merge: SplitMerge;
}

/**
 * Commands that may be cut into one command per slot. Each part is atomic, the whole is not: of an `MSET` over several
 * slots, another client may see one part without the other, and when one fails the others stand.
 * `MSETNX` and `MSETEX` are conditional as a whole and therefore not here.
 */
export const SPLIT: ReadonlyMap<string, SplitRule> = new Map<string, SplitRule>([
  ['mget', { keysPerStep: 1, merge: 'concat' }],
  ['mset', { keysPerStep: 2, merge: 'allOk' }],
  ['del', { keysPerStep: 1, merge: 'sum' }],
  ['unlink', { keysPerStep: 1, merge: 'sum' }],
  ['exists', { keysPerStep: 1, merge: 'sum' }],
  ['touch', { keysPerStep: 1, merge: 'sum' }],
]);

/** Where field-value pairs begin, 0-based into the arguments: from there on the count must be even. */
export const PAIRS_FROM: ReadonlyMap<string, number> = new Map([
  ['mset', 0],
  ['msetnx', 0],
  ['hset', 1],
  ['hmset', 1],
]);

/** Replies that ioredis gives another shape than the wire has. */
export type ReplyShape = 'asSent' | 'object' | 'flat';

export const REPLY_SHAPES: ReadonlyMap<string, ReplyShape> = new Map([
  ['hgetall', 'object'],
  ['vsim', 'flat'],
]);
