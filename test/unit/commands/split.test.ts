import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandSpec, mergeSplit, splitBySlot } from '../../../src/commands/index.js';
import { InvariantError } from '../../../src/errors/index.js';

/** A slot that can be read off the key: `k7` is in slot 7. */
const slotOf = (key: string | Uint8Array): number => Number(String(Buffer.from(key as string)).slice(1));

describe('splitBySlot', () => {
  it('groups keys by slot and remembers their places', () => {
    expect(splitBySlot(commandSpec('mget'), ['k1', 'k2', Buffer.from('k1'), 'k3'], slotOf)).toEqual([
      { slot: 1, args: ['k1', Buffer.from('k1')], positions: [0, 2] },
      { slot: 2, args: ['k2'], positions: [1] },
      { slot: 3, args: ['k3'], positions: [3] },
    ]);
  });

  it('keeps values with their keys', () => {
    expect(splitBySlot(commandSpec('mset'), ['k1', 'a', 'k2', 'b', 'k1', 'c'], slotOf)).toEqual([
      { slot: 1, args: ['k1', 'a', 'k1', 'c'], positions: [0, 2] },
      { slot: 2, args: ['k2', 'b'], positions: [1] },
    ]);
  });

  it('reckons the slot of a number from its text', () => {
    const seen: unknown[] = [];
    splitBySlot(commandSpec('del'), [7, 8n], (key) => seen.push(key));
    expect(seen).toEqual(['7', '8']);
  });

  it('leaves nothing behind when the slot of a key cannot be reckoned', () => {
    const fail = (key: string | Uint8Array): number => {
      if (key === 'k2') throw new Error('no slot');
      return slotOf(key);
    };
    expect(() => splitBySlot(commandSpec('mget'), ['k1', 'k2'], fail)).toThrow('no slot');
    expect(splitBySlot(commandSpec('mget'), ['k1'], slotOf)).toEqual([
      { slot: 1, args: ['k1'], positions: [0] },
    ]);
  });

  it('refuses commands without a rule', () => {
    expect(() => splitBySlot(commandSpec('sunion'), ['k1', 'k2'], slotOf)).toThrow(InvariantError);
    expect(() => mergeSplit(commandSpec('sunion'), [], [])).toThrow(InvariantError);
  });
});

describe('mergeSplit', () => {
  it('puts the values of MGET where their keys were, whatever the slots', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 16_383 }), { minLength: 1 }), (slots) => {
        const keys = slots.map((slot) => `k${slot}`);
        const parts = splitBySlot(commandSpec('mget'), keys, slotOf);
        expect(parts.every((part) => part.args.every((key) => slotOf(key as string) === part.slot))).toBe(
          true,
        );
        expect(new Set(parts.map((part) => part.slot)).size).toBe(parts.length);
        const replies = parts.map((part) => part.args.map((key) => `value of ${String(key)}`));
        expect(mergeSplit(commandSpec('mget'), parts, replies)).toEqual(keys.map((key) => `value of ${key}`));
      }),
    );
  });

  it('adds up counts and takes one OK', () => {
    const parts = splitBySlot(commandSpec('del'), ['k1', 'k2'], slotOf);
    expect(mergeSplit(commandSpec('del'), parts, [2, 1])).toBe(3);
    expect(mergeSplit(commandSpec('mset'), parts, ['OK', 'OK'])).toBe('OK');
  });

  it('does not take a reply of the wrong length', () => {
    const parts = splitBySlot(commandSpec('mget'), ['k1', 'k2', 'k2'], slotOf);
    expect(() => mergeSplit(commandSpec('mget'), parts, [['a'], ['b']])).toThrow(InvariantError);
    expect(() => mergeSplit(commandSpec('mget'), parts, [['a'], 'b'])).toThrow(InvariantError);
  });
});
