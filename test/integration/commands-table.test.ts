import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CommandSpec,
  commandNames,
  commandSpec,
  findCommand,
  isIdempotent,
  keyIndexes,
} from '../../src/commands/index.js';
import { findServer, HarnessError, LocalCluster } from '../../src/testing/index.js';

type CommandReply = [name: string, arity: number, flags: string[], ...rest: unknown[]];
type Sample = readonly [name: string, ...args: Array<string | number | Buffer>];

/** Commands whose keys move with their arguments, in the forms that matter. */
const MOVABLE: readonly Sample[] = [
  ['bitop', 'AND', 'dest', 'k1', 'k2'],
  ['blmpop', 0, 2, 'k1', 'k2', 'LEFT'],
  ['bzmpop', 0, 2, 'k1', 'k2', 'MIN'],
  ['copy', 'k1', 'k2', 'REPLACE'],
  ['eval', 'return 1', 2, 'k1', 'k2', 'argument'],
  ['eval', 'return 1', Buffer.from('1'), Buffer.from('k1'), 'argument'],
  ['eval_ro', 'return 1', 1, 'k1'],
  ['evalsha', 'sha', 1, 'k1', 'argument'],
  ['evalsha_ro', 'sha', 1, 'k1'],
  ['fcall', 'function', 2, 'k1', 'k2', 'argument'],
  ['fcall_ro', 'function', 1, 'k1'],
  ['georadius', 'k1', 1, 1, 1, 'm', 'store', 'k2'],
  ['georadius', 'k1', 1, 1, 1, 'm', 'COUNT', 1, 'STOREDIST', 'k2'],
  ['georadiusbymember', 'k1', 'member', 1, 'm', 'STORE', 'k2'],
  ['lmpop', 2, 'k1', 'k2', 'LEFT'],
  ['mget', 'k1', 'k2', 'k3'],
  ['migrate', 'host', 6379, 'k1', 0, 1000],
  ['migrate', 'host', 6379, '', 0, 1000, 'COPY', 'KEYS', 'k1', 'k2'],
  ['migrate', 'host', 6379, '', 0, 1000, 'REPLACE', 'AUTH2', 'user', 'keys', 'keys', 'k1'],
  ['migrate', 'host', 6379, '', 0, 1000, 'AUTH', 'KEYS', 'KEYS', 'k1', 'k2'],
  ['mset', 'k1', 'v1', 'k2', 'v2'],
  ['msetnx', 'k1', 'v1', 'k2', 'v2'],
  ['object', 'ENCODING', 'k1'],
  ['pfmerge', 'dest', 'k1', 'k2'],
  ['sdiffstore', 'dest', 'k1', 'k2'],
  ['set', 'k1', 'v', 'EX', 1],
  ['sintercard', 2, 'k1', 'k2', 'LIMIT', 1],
  ['sort', 'k1'],
  ['sort', 'k1', 'BY', 'STORE', 'LIMIT', 0, 1, 'GET', 'store', 'ALPHA', 'Store', 'k2'],
  ['sort', 'k1', 'STORE', 'k2', 'STORE', 'k3'],
  ['sort_ro', 'k1', 'BY', 'pattern', 'GET', '#'],
  ['xgroup', 'CREATE', 'k1', 'group', '$'],
  ['xinfo', 'STREAM', 'k1'],
  ['xread', 'COUNT', 1, 'BLOCK', 1, 'streams', 'k1', 'k2', '0', '0'],
  ['xread', Buffer.from('STREAMS'), 'k1', '0'],
  ['xreadgroup', 'GROUP', 'STREAMS', 'consumer', 'COUNT', 1, 'STREAMS', 'k1', 'k2', '>', '>'],
  ['zdiff', 2, 'k1', 'k2'],
  ['zdiffstore', 'dest', 2, 'k1', 'k2'],
  ['zinter', 2, 'k1', 'k2', 'WEIGHTS', 1, 2],
  ['zintercard', 2, 'k1', 'k2'],
  ['zinterstore', 'dest', 2, 'k1', 'k2'],
  ['zmpop', 1, 'k1', 'MIN'],
  ['zrangestore', 'dest', 'k1', 0, -1],
  ['zunion', 2, 'k1', 'k2', 'AGGREGATE', 'MAX'],
  ['zunionstore', 'dest', 2, 'k1', 'k2', 'WEIGHTS', 1, 2],
];

/** Every idempotent write of the servers at hand, on the data of {@link SEED}. */
const REPEATABLE: readonly Sample[] = [
  ['set', 'string', 'v', 'EX', 100],
  ['set', 'string', 'v', 'XX', 'KEEPTTL'],
  ['setex', 'string', 100, 'v'],
  ['psetex', 'string', 100_000, 'v'],
  ['setrange', 'string', 2, 'v'],
  ['mset', 'string', 'v', 'new', 'w'],
  ['del', 'string'],
  ['unlink', 'string', 'hash'],
  ['getex', 'string', 'EX', 100],
  ['persist', 'expiring'],
  ['flushall'],
  ['flushdb'],
  ['expire', 'string', 100],
  ['expireat', 'string', 4_000_000_000],
  ['pexpire', 'string', 100_000, 'XX'],
  ['pexpireat', 'string', 4_000_000_000_000],
  ['pfadd', 'hll', 'a', 'b'],
  ['pfmerge', 'hll', 'hll2'],
  ['sort', 'list', 'ALPHA'],
  ['bitfield', 'string', 'GET', 'u8', 0],
  ['lset', 'list', 0, 'z'],
  ['hset', 'hash', 'f', 'w', 'g', 'x'],
  ['hmset', 'hash', 'f', 'w'],
  ['hdel', 'hash', 'f'],
  ['sadd', 'set', 'c'],
  ['srem', 'set', 'a'],
  ['sunionstore', 'set', 'set', 'set2'],
  ['sinterstore', 'set', 'set', 'set2'],
  ['sdiffstore', 'set', 'set', 'set2'],
  ['zadd', 'zset', 'XX', 'CH', 5, 'a', 6, 'b'],
  ['zadd', 'zset', 'GT', 5, 'a'],
  ['zrem', 'zset', 'a'],
  ['zremrangebyscore', 'zset', 0, 1],
  ['zremrangebylex', 'lexical', '-', '[b'],
  ['zdiffstore', 'zset', 2, 'zset', 'lexical'],
  ['geoadd', 'geo', 1, 1, 'p'],
  ['georadius', 'geo', 1, 1, 1, 'km'],
  ['georadiusbymember', 'geo', 'o', 1, 'km'],
  ['xack', 'stream', 'group', '1-1'],
  ['xdel', 'stream', '1-1'],
  ['xtrim', 'stream', 'MAXLEN', 1],
  ['xsetid', 'stream', '9-9'],
  ['xgroup', 'CREATECONSUMER', 'stream', 'group', 'another'],
  ['xgroup', 'SETID', 'stream', 'group', '1-1'],
  ['xgroup', 'DELCONSUMER', 'stream', 'group', 'consumer'],
  ['xgroup', 'DESTROY', 'stream', 'group'],
  ['function', 'FLUSH'],
];

const SEED: readonly Sample[] = [
  ['flushall'],
  ['set', 'string', 'abcdef'],
  ['set', 'expiring', 'v', 'EX', 1000],
  ['rpush', 'list', 'c', 'a', 'b'],
  ['hset', 'hash', 'f', 'v'],
  ['sadd', 'set', 'a', 'b'],
  ['sadd', 'set2', 'b', 'c'],
  ['zadd', 'zset', 1, 'a', 2, 'b'],
  ['zadd', 'lexical', 0, 'a', 0, 'b', 0, 'c'],
  ['pfadd', 'hll', 'x'],
  ['pfadd', 'hll2', 'y'],
  ['geoadd', 'geo', 1, 1, 'o'],
  ['xadd', 'stream', '1-1', 'f', 'v'],
  ['xadd', 'stream', '2-2', 'f', 'v'],
  ['xgroup', 'CREATE', 'stream', 'group', '0'],
  ['xreadgroup', 'GROUP', 'group', 'consumer', 'STREAMS', 'stream', '>'],
];

/** Routed by the slot of their channel, which the server does not call a key. */
const SHARD_CHANNELS: ReadonlySet<string> = new Set(['spublish', 'ssubscribe', 'sunsubscribe']);

/** Whether this machine has such a server. */
async function isFound(engine: 'redis' | 'valkey'): Promise<boolean> {
  try {
    await findServer({ engine });
    return true;
  } catch (error) {
    if (error instanceof HarnessError) return false;
    throw error;
  }
}

const engines = [
  { engine: 'redis' as const, found: await isFound('redis') },
  { engine: 'valkey' as const, found: await isFound('valkey') },
];

describe.for(engines)('the command table and $engine', ({ engine, found }) => {
  let server: LocalCluster;
  let client: Redis;
  const described = new Map<string, CommandReply>();

  beforeAll(async () => {
    if (!found) return;
    server = await LocalCluster.start({ engine, mode: 'standalone', shards: 1, replicasPerShard: 0 });
    const { host, port } = server.nodes[0]!;
    client = new Redis(port, host);
    const add = (reply: CommandReply): void => {
      described.set(reply[0], reply);
      (reply[9] as CommandReply[]).forEach(add);
    };
    ((await client.call('command')) as CommandReply[]).forEach(add);
  });

  afterAll(async () => {
    await client?.quit();
    await server?.stop();
  });

  async function keysByServer([name, ...args]: Sample): Promise<string[]> {
    return (await client.call('command', 'getkeys', name, ...args)) as string[];
  }

  function keysByTable([name, ...args]: Sample): string[] {
    return keyIndexes(findCommand(name, args), args).map((index) => String(args[index]));
  }

  async function send([name, ...args]: Sample): Promise<unknown> {
    return client.call(name, ...args);
  }

  it.runIf(found)('has every command and subcommand', () => {
    const names = new Set(commandNames());
    expect(described.size).toBeGreaterThan(300);
    expect([...described.keys()].filter((name) => !names.has(name))).toEqual([]);
  });

  it.runIf(found)('says of each what the server says: reading, writing, and no more arguments needed', () => {
    for (const [name, [, arity, flags]] of described) {
      const spec = commandSpec(name);
      expect({ name, readOnly: spec.readOnly, write: spec.write }).toEqual({
        name,
        readOnly: flags.includes('readonly'),
        write: flags.includes('write'),
      });
      expect({ name, blocking: spec.blocking || !flags.includes('blocking') }).toEqual({
        name,
        blocking: true,
      });
      expect([name, spec.minArguments <= Math.abs(arity) - 1]).toEqual([name, true]);
    }
  });

  it.runIf(found)('finds the keys that COMMAND GETKEYS finds, for every command that has keys', async () => {
    const covered = new Set(MOVABLE.map(([name, ...args]) => findCommand(name, args).name));
    const keyed = [...described.keys()].map((name) => commandSpec(name)).filter((spec) => !spec.keyless);
    expect(keyed.length).toBeGreaterThan(180);
    for (const spec of keyed) {
      if (covered.has(spec.name) || SHARD_CHANNELS.has(spec.name)) continue;
      const sample = plainSample(spec);
      expect([spec.name, ...keysByTable(sample)]).toEqual([spec.name, ...(await keysByServer(sample))]);
    }
  });

  it.runIf(found)('calls no command keyless in which the server finds keys', async () => {
    const specs = [...described.keys()].map((name) => commandSpec(name));
    for (const spec of specs.filter(({ keyless, subcommands }) => keyless && subcommands === undefined)) {
      await expect(keysByServer(plainSample(spec)), spec.name).rejects.toThrow(
        /has no key arguments|wrong number of arguments for 'command\|getkeys' command/,
      );
    }
  });

  it.runIf(found).for(MOVABLE)('finds the keys of %j', async (sample) => {
    const keys = keysByTable(sample);
    expect(keys.length).toBeGreaterThan(0);
    expect(keys).toEqual(await keysByServer(sample));
  });

  it.runIf(found)('finds no keys where the server finds none', async () => {
    expect(keysByTable(['eval', 'return 1', 0, 'argument'])).toEqual([]);
    expect(await keysByServer(['eval', 'return 1', 0, 'argument']).catch(() => [])).toEqual([]);
  });

  it.runIf(found).for(REPEATABLE)('may send %j twice: the data is the same', async (sample) => {
    const [name, ...args] = sample;
    expect(isIdempotent(findCommand(name, args), args)).toBe(true);
    for (const seed of SEED) await send(seed);
    await send(sample);
    const once = await send(['debug', 'digest']);
    await send(sample);
    expect(await send(['debug', 'digest'])).toBe(once);
  });

  it.runIf(found)('has shown that for every idempotent write to data of this server', () => {
    const shown = new Set(REPEATABLE.map(([name, ...args]) => findCommand(name, args).name));
    const writes = [...described.keys()].map((name) => commandSpec(name)).filter(({ write }) => write);
    const claimed = writes.filter((spec) => spec.idempotent || isIdempotent(spec, ['k']));
    expect(claimed.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  it.runIf(found)('reads the text of every number that arguments may be', async () => {
    await client.call('flushall');
    await client.call('zadd', 'numbers', String(Number.POSITIVE_INFINITY), 'high', String(-Infinity), 'low');
    await client.call(
      'zadd',
      'numbers',
      String(1e21),
      'big',
      String(5e-7),
      'small',
      String(2n ** 60n),
      'integer',
    );
    expect(await client.call('zrange', 'numbers', 0, -1)).toEqual(['low', 'small', 'integer', 'big', 'high']);
  });
});

/** The command with the fewest arguments it takes, all different. */
function plainSample(spec: CommandSpec): Sample {
  const args = Array.from({ length: spec.minArguments }, (_, i) => `argument${i}`);
  if (spec.name !== spec.word) args[0] = spec.name.slice(spec.word.length + 1);
  return [spec.word, ...args];
}
