import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Queue } from '../../../src/support/index.js';

describe('a queue', () => {
  it('behaves as an array does, whatever is done to it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat(), fc.constant('shift'), fc.constant('drain')), { maxLength: 500 }),
        (steps) => {
          const queue = new Queue<number>();
          let model: number[] = [];
          for (const step of steps) {
            if (step === 'shift') expect(queue.shift()).toBe(model.shift());
            else if (step === 'drain') {
              expect(queue.drain()).toEqual(model);
              model = [];
            } else {
              expect(queue.push(step as number)).toBe(true);
              model.push(step as number);
            }
            expect(queue.size).toBe(model.length);
            expect(queue.at(0)).toBe(model[0]);
            expect(queue.at(model.length - 1)).toBe(model.at(-1));
            expect(queue.at(model.length)).toBeUndefined();
          }
        },
      ),
    );
  });

  it('refuses what would go over its bound, and takes again when there is room', () => {
    const queue = new Queue<string>(2);
    expect([queue.push('a'), queue.push('b'), queue.push('c')]).toEqual([true, true, false]);
    expect(queue.shift()).toBe('a');
    expect(queue.push('d')).toBe(true);
    expect(queue.drain()).toEqual(['b', 'd']);
  });

  it('gives back its newest, oldest of them first, wherever on its ring they lie', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), fc.nat(60), fc.nat(), (before, taken, pushed, drawn) => {
        const queue = new Queue<number>();
        for (let i = 0; i < before; i++) queue.push(i);
        for (let i = 0; i < Math.min(before, taken); i++) queue.shift();
        for (let i = 0; i < pushed; i++) queue.push(before + i);
        const model = Array.from({ length: before + pushed }, (_, i) => i).slice(Math.min(before, taken));
        const count = drawn % (model.length + 1);
        expect(queue.takeNewest(count)).toEqual(model.slice(model.length - count));
        expect(queue.size).toBe(model.length - count);
        queue.push(-1);
        expect(queue.drain()).toEqual([...model.slice(0, model.length - count), -1]);
      }),
    );
  });

  it('keeps order while it grows around its end and shrinks again', () => {
    const queue = new Queue<number>();
    let next = 0;
    let expected = 0;
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 5_000; i++) queue.push(next++);
      while (queue.size > (round % 2) * 3) expect(queue.shift()).toBe(expected++);
    }
  });
});
