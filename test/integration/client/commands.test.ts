import { randomBytes } from 'node:crypto';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ClusterClient,
  createClient,
  CrossSlotError,
  InvalidArgumentError,
  ReplyError,
} from '../../../src/index.js';
import { LocalCluster } from '../../../src/testing/index.js';
import { engines } from '../engines.js';

for (const { engine, isInstalled } of await engines()) {
  describe.skipIf(!isInstalled)(`commands on ${engine}`, () => {
    let cluster: LocalCluster | undefined;
    let client: ClusterClient;

    beforeAll(async () => {
      cluster = await LocalCluster.start({ engine, replicasPerShard: 0 });
      // No refreshes of its own: what was sent is counted below.
      client = await createClient({ seeds: cluster.seeds, topology: { refreshIntervalMs: 0 } });
    });

    beforeEach(() => cluster?.flush());

    afterAll(async () => {
      await client?.close();
      await cluster?.stop();
    });

    it('reply in the shapes of ioredis', async () => {
      const ioredis = new Cluster(
        cluster!.seeds.map((seed) => ({ host: '127.0.0.1', port: Number(seed.split(':')[1]) })),
      );
      const runs: ReadonlyArray<readonly [string, ...unknown[]]> = [
        ['set', 'k', 'v', 'EX', 100],
        ['get', 'k'],
        ['getBuffer', 'k'],
        ['get', 'missing'],
        ['set', 'k', 'other', 'NX'],
        ['incrbyfloat', 'f', '1.5'],
        ['hset', 'h', { one: 1, two: '2' }],
        ['hset', 'h', new Map([['three', '3']])],
        ['hgetall', 'h'],
        ['hgetallBuffer', 'h'],
        ['hgetall', 'missing'],
        ['hmget', 'h', 'one', 'nope'],
        ['rpush', 'l', 'a', 'b', 'c'],
        ['lrange', 'l', 0, -1],
        ['lrangeBuffer', 'l', 0, -1],
        ['sadd', 's', ['x', 'y']],
        ['sismember', 's', 'x'],
        ['zadd', 'z', 1, 'one', 2.5, 'two'],
        ['zadd', 'z', Number.POSITIVE_INFINITY, 'most'],
        ['zrange', 'z', 0, -1, 'WITHSCORES'],
        ['zscore', 'z', 'most'],
        ['xadd', 'x', '1-1', 'field', 'value'],
        ['xrange', 'x', '-', '+'],
        ['geoadd', 'g', 13.361389, 38.115556, 'Palermo'],
        ['geopos', 'g', 'Palermo', 'nowhere'],
        ['eval', 'return {KEYS[1], ARGV[1], 3, false}', 1, 'k', 'arg'],
        ['type', 'h'],
        ['object', 'ENCODING', 'k'],
        ['setbit', 'bits', 7, 1],
        ['bitfield', 'bits', 'GET', 'u4', 0],
        ['expire', 'k', 1000],
        ['getrange', 'k', 0, 0],
        ['setex', 'e', 10, ''],
        ['get', 'e'],
      ];
      try {
        for (const [name, ...args] of runs) {
          const [ours, theirs] = [client, ioredis].map(
            (each) => each as unknown as Record<string, (...a: unknown[]) => Promise<unknown>>,
          );
          await cluster!.flush();
          await prepare(client);
          const expected = await theirs![name]!(...args);
          await cluster!.flush();
          await prepare(client);
          expect(await ours![name]!(...args), `${name} ${args.map(String).join(' ')}`).toEqual(expected);
        }
      } finally {
        ioredis.disconnect();
      }
    });

    it('keep bytes as they are, in keys and values, from empty to many megabytes', async () => {
      for (const size of [
        0, 1, 47, 48, 49, 100, 8_191, 8_192, 16_384, 65_535, 65_536, 1_000_000, 9_000_001,
      ]) {
        const key = Buffer.concat([Buffer.from('{bin}\r\n\0'), randomBytes(16)]);
        const value = randomBytes(size);
        await client.set(key, value);
        expect((await client.getBuffer(key))!.equals(value), `${size} bytes`).toBe(true);
        expect(await client.strlen(key)).toBe(size);
      }
      const text = 'naïve – 日本語 😀 '.repeat(50_000);
      await client.set('ключ', text);
      expect(await client.get('ключ')).toBe(text);
    });

    it('answer each of many concurrent calls with its own reply', async () => {
      const numbers = Array.from({ length: 20_000 }, (_, i) => i);
      await Promise.all(numbers.map((i) => client.set(`n${i}`, `v${i}`)));
      const values = await Promise.all(numbers.map((i) => client.get(`n${i}`)));
      expect(values).toEqual(numbers.map((i) => `v${i}`));
    });

    it('split over slots come back in the order of the keys, doubles included', async () => {
      const keys = Array.from({ length: 500 }, (_, i) => `key-${i}`);
      expect(await client.mset(Object.fromEntries(keys.map((key, i) => [key, i])))).toBe('OK');
      const asked = [...keys.toReversed(), 'missing', 'key-3', 'key-3'];
      expect(await client.mget(asked)).toEqual([
        ...keys.map((_, i) => String(i)).toReversed(),
        null,
        '3',
        '3',
      ]);
      expect(await client.mgetBuffer('key-1', 'missing')).toEqual([Buffer.from('1'), null]);
      expect(await client.exists(...keys, 'missing', 'key-3')).toBe(501);
      expect(await client.touch(...keys)).toBe(500);
      expect(await client.unlink('key-0', 'key-1')).toBe(2);
      expect(await client.del(keys)).toBe(498);
    });

    it('without keys reach every shard where their reply stands for all', async () => {
      await Promise.all(Array.from({ length: 100 }, (_, i) => client.set(`key-${i}`, i)));
      expect(await client.dbsize()).toBe(100);
      expect(new Set(await client.keys('*')).size).toBe(100);
      const sha = (await client.script('LOAD', 'return redis.call("GET", KEYS[1])')) as string;
      expect(await client.script('EXISTS', sha)).toEqual([1]);
      for (let i = 0; i < 10; i++) expect(await client.evalsha(sha, 1, `key-${i}`)).toBe(String(i));
      expect(await client.flushall()).toBe('OK');
      expect(await client.dbsize()).toBe(0);
      expect(await client.ping()).toBe('PONG');
    });

    it('can be called by name, in any case, also those that nobody knows', async () => {
      expect(await client.call('SET', 'k', '1')).toBe('OK');
      expect(await client.callBuffer('get', 'k')).toEqual(Buffer.from('1'));
      expect(await client.call('Config', 'GET', 'maxmemory')).toEqual(['maxmemory', '0']);
      const unknown = await client.call('nosuchcommand', 'secret-key').catch((error: Error) => error);
      expect((unknown as Error).message).toMatch(/^ERR unknown command/);
      expect((unknown as Error).message).not.toContain('secret');
    });

    it('fail with the words of the server', async () => {
      await client.set('text', 'x');
      const error = await client.lpush('text', 'y').catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ReplyError);
      expect((error as ReplyError).message).toMatch(/^WRONGTYPE /);
      expect((error as ReplyError).prefix).toBe('WRONGTYPE');
    });

    it('take a callback last, as those of ioredis do', async () => {
      const outcome = await new Promise((resolve) => {
        void client.set('k', 'v', (error, reply) => resolve([error, reply]));
      });
      expect(outcome).toEqual([null, 'OK']);
    });

    it('refuse wrong arguments before anything is sent, and tell no value', async () => {
      const loose = client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
      const sentBefore = client.snapshot().nodes.map((node) => node.sent);
      const wrong: ReadonlyArray<readonly [string, unknown[], RegExp]> = [
        ['get', [], /get: expected at least 1 argument, got 0/],
        ['get', [undefined], /get: argument 1 \(key\) is undefined/],
        ['get', [null], /argument 1 \(key\) is null/],
        ['set', ['secret-key', Number.NaN], /set: argument 2 is NaN/],
        ['set', ['secret-key', { secret: 1 }], /argument 2 is an object/i],
        ['set', ['secret-key', Symbol('secret')], /argument 2 is a symbol/],
        ['set', ['secret-key', true], /argument 2 is a boolean/],
        ['set', ['secret-key', new Date()], /argument 2 is a Date/],
        ['mget', [], /mget: expected at least 1 argument, got 0/],
        ['mget', [[]], /mget: expected at least 1 argument, got 0/],
        ['mset', ['secret-key'], /pairs|at least/],
        ['hset', ['secret-key', { field: undefined }], /value 1 of the pairs is undefined/],
        ['call', [], /name/],
        ['call', ['bad name'], /name/],
        ['call', ['multi'], /many callers share/],
        ['call', ['client', 'reply', 'off'], /many callers share/],
        ['blpop', ['secret-key', 0], /block its connection/],
        ['xread', ['BLOCK', 0, 'STREAMS', 'secret-key', '$'], /block its connection/],
      ];
      for (const [name, args, message] of wrong) {
        const error = await loose[name]!(...args).catch((reason: unknown) => reason);
        expect(error, `${name} with ${args.length}`).toBeInstanceOf(InvalidArgumentError);
        expect((error as Error).message).toMatch(message);
        expect((error as Error).message).not.toContain('secret');
      }
      const crossSlot = await client.sinter('secret-a', 'secret-b').catch((reason: unknown) => reason);
      expect(crossSlot).toBeInstanceOf(CrossSlotError);
      expect((crossSlot as Error).message).not.toContain('secret');
      expect(client.snapshot().nodes.map((node) => node.sent)).toEqual(sentBefore);
    });
  });
}

/** The same data before every command that is compared. */
async function prepare(client: ClusterClient): Promise<void> {
  await Promise.all([
    client.set('k', 'value'),
    client.hset('h', { one: 1, two: '2', empty: '' }),
    client.rpush('l', 'a', 'b'),
    client.zadd('z', 1, 'one', 2.5, 'two'),
    client.xadd('x', '0-1', 'a', 'b'),
    client.geoadd('g', 13.361389, 38.115556, 'Palermo'),
    client.set('e', ''),
  ]);
}
