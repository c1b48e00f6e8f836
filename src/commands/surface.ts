import type { RedisCommander } from 'ioredis';

/**
 * Methods of ioredis that are not among the commands of a client whose links callers share: those that change the state
 * of a connection, and `call`, which the client declares itself.
 */
type NotShared =
  | 'asking'
  | 'auth'
  | 'call'
  | 'discard'
  | 'exec'
  | 'hello'
  | 'himport'
  | 'psubscribe'
  | 'psync'
  | 'punsubscribe'
  | 'quit'
  | 'readonly'
  | 'readwrite'
  | 'replconf'
  | 'reset'
  | 'select'
  | 'ssubscribe'
  | 'subscribe'
  | 'sunsubscribe'
  | 'sync'
  | 'unsubscribe'
  | 'unwatch'
  | 'wait'
  | 'watch';

/**
 * Every Redis command as a method, typed as ioredis types it, with the variants that reply in Buffers: `get`,
 * `getBuffer`, `hset`, `zadd`, ...
 *
 * @public
 */
export interface CommandSurface extends Omit<
  RedisCommander<{ type: 'default' }>,
  NotShared | `${NotShared}Buffer`
> {}
