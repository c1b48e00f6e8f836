import { channel } from 'node:diagnostics_channel';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CHANNEL_OF } from '../../../src/index.js';
import { EventHub } from '../../../src/telemetry/index.js';
import { eventually } from '../../../src/testing/index.js';

interface Events {
  counted: { readonly count: number };
}
const hub = (): EventHub<Events> => new EventHub<Events>({ counted: 'slotwise:test:counted' });

describe('an event', () => {
  it('costs nothing when nobody listens: its payload is not even built', () => {
    hub().emit('counted', () => {
      throw new Error('built for nobody');
    });
  });

  it('is given frozen, and the same, to listeners and to its diagnostics channel', () => {
    const events = hub();
    const given: unknown[] = [];
    const subscriber = (message: unknown): void => void given.push(message);
    channel('slotwise:test:counted').subscribe(subscriber);
    events.on('counted', (payload) => given.push(payload));
    events.emit('counted', () => ({ count: 1 }));
    channel('slotwise:test:counted').unsubscribe(subscriber);
    expect(given).toEqual([{ count: 1 }, { count: 1 }]);
    expect(given[0]).toBe(given[1]);
    expect(Object.isFrozen(given[0])).toBe(true);
  });

  it('is told once to a once-listener, and no more to one that was taken off', () => {
    const events = hub();
    const counts: number[] = [];
    const always = ({ count }: { count: number }): void => void counts.push(count);
    const once = ({ count }: { count: number }): void => void counts.push(count * 10);
    events.on('counted', always);
    events.once('counted', once);
    events.emit('counted', () => ({ count: 1 }));
    events.emit('counted', () => ({ count: 2 }));
    events.off('counted', always);
    events.once('counted', once);
    events.off('counted', once);
    events.emit('counted', () => ({ count: 3 }));
    expect(counts).toEqual([1, 10, 2]);
  });

  it('reaches everybody whatever a listener throws or rejects with, which becomes a warning', async () => {
    const events = hub();
    const warnings: string[] = [];
    const onWarning = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', onWarning);
    let told = 0;
    events.on('counted', () => {
      throw new Error('thrown');
    });
    events.on('counted', (async () => {
      await Promise.reject(new Error('rejected'));
    }) as () => void);
    events.on('counted', () => told++);
    events.emit('counted', () => ({ count: 1 }));
    expect(told).toBe(1);
    await eventually('both are told as warnings', () => warnings.length === 2, { withinMs: 5_000 });
    process.off('warning', onWarning);
    expect(warnings.map((text) => /threw: (\w+)$/.exec(text)?.[1])).toEqual(['thrown', 'rejected']);
  });

  it('and its channel are described in docs/events.md, all of them, and no others', async () => {
    const page = await readFile(new URL('../../../docs/events.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+)` \| `([\w:]+)` \|/gm)].map(([, event, name]) => [event, name]);
    expect(Object.fromEntries(rows)).toEqual(CHANNEL_OF);
  });
});
