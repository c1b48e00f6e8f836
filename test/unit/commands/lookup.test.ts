import { describe, expect, it } from 'vitest';
import {
  commandNames,
  commandSpec,
  findCommand,
  headOf,
  resolveSubcommand,
  unknownCommand,
} from '../../../src/commands/index.js';

describe('commandSpec', () => {
  it('knows a command in any case, as one object', () => {
    expect(commandSpec('GET')).toBe(commandSpec('get'));
    expect(commandSpec('get')).toMatchObject({
      name: 'get',
      minArguments: 1,
      readOnly: true,
      write: false,
      singleKeyAt: 0,
      keyless: false,
    });
  });

  it('gives every command the same frozen shape', () => {
    const names = [...commandNames(), 'json.get'];
    const shapes = new Set(names.map((name) => Object.keys(commandSpec(name)).join()));
    expect(shapes.size).toBe(1);
    expect(names.every((name) => Object.isFrozen(commandSpec(name)))).toBe(true);
  });

  it('reads every row into numbers', () => {
    const specs = commandNames().map((name) => commandSpec(name));
    expect(specs.every((spec) => Number.isSafeInteger(spec.minArguments))).toBe(true);
    const places = specs.flatMap((spec) => spec.keySpecs.flatMap((keySpec) => Object.values(keySpec)));
    expect(places.filter((place) => typeof place === 'number' && !Number.isSafeInteger(place))).toEqual([]);
  });

  it('says where the only key is, and -1 when there may be others or none', () => {
    expect(commandSpec('xgroup|create').singleKeyAt).toBe(1);
    expect(commandSpec('object|encoding').singleKeyAt).toBe(1);
    for (const name of ['mget', 'rename', 'sort', 'migrate', 'eval', 'ping', 'georadius', 'xread']) {
      expect([name, commandSpec(name).singleKeyAt]).toEqual([name, -1]);
    }
  });

  it('follows a policy only where the replies can be told as one', () => {
    expect(commandSpec('dbsize')).toMatchObject({ requestPolicy: 'all_shards', responsePolicy: 'agg_sum' });
    expect(commandSpec('config|set').requestPolicy).toBe('all_nodes');
    expect(commandSpec('randomkey').requestPolicy).toBe('all_shards');
    expect(commandSpec('scan').requestPolicy).toBe('special');
    expect(commandSpec('mget').requestPolicy).toBe('multi_shard');
    for (const name of [
      'info',
      'latency|doctor',
      'memory|stats',
      'hotkeys|start',
      'msetex',
      'msetnx',
      'get',
    ]) {
      expect([name, commandSpec(name).requestPolicy]).toEqual([name, undefined]);
    }
  });

  it('marks what is not for a link that callers share', () => {
    const marked = ['multi', 'subscribe', 'client|tracking', 'client|reply', 'select', 'wait', 'monitor'];
    expect(marked.filter((name) => !commandSpec(name).connectionState)).toEqual([]);
    expect(
      ['get', 'publish', 'client|list', 'script|load'].some((name) => commandSpec(name).connectionState),
    ).toBe(false);
  });
});

describe('findCommand', () => {
  it('resolves subcommands given in any case, as text or bytes', () => {
    expect(findCommand('CLIENT', ['LIST']).name).toBe('client|list');
    expect(findCommand('xgroup', [Buffer.from('Create'), 'key', 'group', '$'])).toBe(
      commandSpec('xgroup|create'),
    );
    expect(resolveSubcommand(commandSpec('config'), ['get', '*']).word).toBe('config');
  });

  it('takes a subcommand it does not know for the container', () => {
    expect(findCommand('cluster', ['frobnicate']).name).toBe('cluster');
    expect(findCommand('cluster', []).name).toBe('cluster');
    expect(findCommand('cluster', [undefined]).name).toBe('cluster');
  });
});

describe('unknownCommand', () => {
  it('is careful: a write, not idempotent, with its first argument as key', () => {
    expect(commandSpec('JSON.SET')).toBe(unknownCommand('json.set'));
    expect(unknownCommand('json.set')).toMatchObject({
      name: 'json.set',
      word: 'json.set',
      minArguments: 0,
      readOnly: false,
      write: true,
      idempotent: false,
      singleKeyAt: 0,
    });
  });

  it('does not remember without bound', () => {
    const kept = commandSpec('ft.search');
    for (let i = 0; i < 1000; i++) unknownCommand(`module.command${i}`);
    expect(unknownCommand('ft.search')).toBe(kept);
    expect(unknownCommand('module.command999')).not.toBe(unknownCommand('module.command999'));
  });
});

describe('headOf', () => {
  it('is the request up to the name, made once', () => {
    const head = headOf(commandSpec('config|get'), 2);
    expect(String(Buffer.from(head))).toBe('*3\r\n$6\r\nconfig\r\n');
    expect(headOf(commandSpec('config|get'), 2)).toBe(head);
  });

  it('is not kept for rare argument counts', () => {
    expect(String(Buffer.from(headOf(commandSpec('del'), 1000)))).toBe('*1001\r\n$3\r\ndel\r\n');
    expect(commandSpec('del').heads.length).toBeLessThan(100);
  });
});
