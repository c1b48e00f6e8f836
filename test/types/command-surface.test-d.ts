import type { RedisCommander } from 'ioredis';
import { describe, expectTypeOf, it } from 'vitest';
import type { CommandSurface } from '../../src/commands/index.js';

declare const client: CommandSurface;

describe('CommandSurface', () => {
  it('types replies as ioredis does', () => {
    expectTypeOf(client.get('k')).toEqualTypeOf<Promise<string | null>>();
    expectTypeOf(client.getBuffer('k')).toEqualTypeOf<Promise<Buffer | null>>();
    expectTypeOf(client.hgetall('k')).toEqualTypeOf<Promise<Record<string, string>>>();
    expectTypeOf(client.hgetallBuffer('k')).toEqualTypeOf<Promise<Record<string, Buffer>>>();
    expectTypeOf(client.set('k', 'v')).toEqualTypeOf<Promise<'OK'>>();
    expectTypeOf(client.set('k', 'v', 'EX', 10, 'NX')).toEqualTypeOf<Promise<'OK' | null>>();
    expectTypeOf(client.mget(['a', 'b'])).toEqualTypeOf<Promise<Array<string | null>>>();
    expectTypeOf(client.del('a', Buffer.from('b'))).toEqualTypeOf<Promise<number>>();
  });

  it('takes objects, Maps, Buffers and callbacks where ioredis does', () => {
    expectTypeOf(client.hset('k', { field: 'value' })).toEqualTypeOf<Promise<number>>();
    expectTypeOf(client.mset(new Map([['a', '1']]))).toEqualTypeOf<Promise<'OK'>>();
    void client.get('k', (error, reply) => {
      expectTypeOf(error).toEqualTypeOf<Error | null | undefined>();
      expectTypeOf(reply).toEqualTypeOf<string | null | undefined>();
    });
  });

  it('refuses what ioredis refuses', () => {
    // @ts-expect-error a key is no boolean
    void client.get(true);
    // @ts-expect-error a value is missing
    void client.set('k');
    // @ts-expect-error no such option
    void client.set('k', 'v', 'FOREVER');
  });

  it('leaves out exactly what needs a connection of its own, and call', () => {
    type LeftOut = Exclude<keyof RedisCommander<{ type: 'default' }>, keyof CommandSurface>;
    type Names =
      | (
          | 'asking'
          | 'auth'
          | 'discard'
          | 'exec'
          | 'hello'
          | 'himport'
          | 'psubscribe'
          | 'psync'
          | 'punsubscribe'
        )
      | ('quit' | 'readonly' | 'readwrite' | 'replconf' | 'reset' | 'select' | 'ssubscribe' | 'subscribe')
      | ('sunsubscribe' | 'sync' | 'unsubscribe' | 'unwatch' | 'wait' | 'watch' | 'call');
    type WithoutBuffer<Name> = Name extends `${infer Plain}Buffer` ? Plain : Name;
    expectTypeOf<WithoutBuffer<LeftOut>>().toEqualTypeOf<Names>();
    // @ts-expect-error changes the state of a shared connection
    void client.subscribe;
    // @ts-expect-error changes the state of a shared connection
    void client.execBuffer;
  });
});
