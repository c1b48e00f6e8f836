import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { type CommandSurface, installCommands } from '../../../src/commands/index.js';

interface Call {
  name: string;
  args: unknown[];
  asBuffers: boolean;
}

class Client extends EventEmitter {
  reply: Promise<unknown> = Promise.resolve('reply');
  readonly calls: Call[] = [];
  scan(): string {
    return 'own';
  }
}
installCommands(Client.prototype, (client: Client, spec, args, asBuffers) => {
  client.calls.push({ name: spec.name, args, asBuffers });
  return client.reply;
});

function newClient(): Client & Omit<CommandSurface, 'scan'> {
  return new Client() as Client & Omit<CommandSurface, 'scan'>;
}

describe('installCommands', () => {
  it('gives every command a method, and one for Buffers', async () => {
    const client = newClient();
    expect(await client.get('k')).toBe('reply');
    await client.getBuffer('k');
    await client.dbsize();
    await client.zadd('k', 'NX', 1, 'a', 2, 'b');
    expect(client.calls).toEqual([
      { name: 'get', args: ['k'], asBuffers: false },
      { name: 'get', args: ['k'], asBuffers: true },
      { name: 'dbsize', args: [], asBuffers: false },
      { name: 'zadd', args: ['k', 'NX', 1, 'a', 2, 'b'], asBuffers: false },
    ]);
  });

  it('resolves subcommands', async () => {
    const client = newClient();
    await client.config('GET', 'maxmemory');
    expect(client.calls).toEqual([{ name: 'config|get', args: ['GET', 'maxmemory'], asBuffers: false }]);
  });

  it('lets the class have its own methods, and keeps those it inherits', () => {
    const client = newClient();
    expect(client.scan()).toBe('own');
    expect(client).toBeInstanceOf(EventEmitter);
    expect(client.listenerCount('event')).toBe(0);
    expect('unheardOf' in client).toBe(false);
  });

  it('calls back in the Node way, and resolves as well', async () => {
    const client = newClient();
    const seen = new Promise((resolve) => {
      void client.get('k', (error, reply) => resolve([error, reply]));
    });
    expect(await seen).toEqual([null, 'reply']);
    expect(client.calls[0]?.args).toEqual(['k']);
  });

  it('calls back with the error', async () => {
    const client = newClient();
    const failure = new Error('failed');
    client.reply = Promise.reject(failure);
    const seen = new Promise((resolve) => {
      client.get('k', (...args) => resolve(args)).catch(() => {});
    });
    expect(await seen).toEqual([failure, undefined]);
  });

  it('has a method for everything that ioredis types, but what needs a connection of its own', () => {
    const types = createRequire(import.meta.url)
      .resolve('ioredis')
      .replace(/index\.js$/, 'utils/RedisCommander.d.ts');
    const declared = readFileSync(types, 'utf8').matchAll(/^ {4}(?:\['([a-z-]+)'\]|(\w+))\(/gm);
    const names = new Set([...declared].map((match) => match[1] ?? match[2]!));
    expect(names.size).toBeGreaterThan(300);
    const missing = [...names].filter((name) => !name.endsWith('Buffer') && !(name in Client.prototype));
    // The same list stands in surface.ts, for types.
    expect(missing.toSorted()).toEqual(
      (
        'asking auth call discard exec hello himport psubscribe psync punsubscribe quit readonly ' +
        'readwrite replconf reset select ssubscribe subscribe sunsubscribe sync unsubscribe unwatch wait watch'
      ).split(' '),
    );
  });

  it('makes what a callback throws an uncaught exception, not a rejection', async () => {
    const client = newClient();
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    try {
      const uncaught = once(process, 'uncaughtException');
      await client.get('k', () => {
        throw new Error('from the callback');
      });
      expect(((await uncaught)[0] as Error).message).toBe('from the callback');
    } finally {
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });
});
