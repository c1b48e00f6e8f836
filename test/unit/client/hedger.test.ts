import { describe, expect, it } from 'vitest';
import type { Call } from '../../../src/client/call.js';
import { Hedger } from '../../../src/client/hedger.js';
import type { HedgeSettings } from '../../../src/client/options.js';
import { ManualClock } from '../../support/manual-clock.js';
import { getCall, type LooseCall } from './calls.js';

/** How late a hedge may be: the hedger looks this often. */
const PERIOD_MS = 2;

class Subject {
  readonly clock: ManualClock = new ManualClock();
  readonly hedged: Call[] = [];
  readonly hedger: Hedger;
  hasOther = true;
  calls = 0;

  constructor(settings: Partial<HedgeSettings> = {}) {
    this.hedger = new Hedger({
      settings: { afterMs: 20, maxShare: 1, ...settings },
      clock: this.clock,
      calls: () => this.calls,
      send: (call) => {
        if (this.hasOther) this.hedged.push(call);
        return this.hasOther;
      },
    });
  }

  /** Begins a read, watched. */
  read(): LooseCall {
    this.calls++;
    const begun = getCall('a', this.clock.nowMs());
    this.hedger.watch(begun.call);
    return begun;
  }

  /** A read that takes so long. */
  readTaking(ms: number): LooseCall {
    const begun = this.read();
    this.clock.advance(ms);
    begun.call.succeeded('v');
    return begun;
  }
}

describe('a hedger', () => {
  it('takes a second attempt back when the first has answered before it left', () => {
    const { call } = new Subject().read();
    const hedge = Hedger.attemptFor(call);
    const withdrawn: unknown[] = [];
    hedge.carrier = { hasFlushed: () => false, withdraw: (attempt) => withdrawn.push(attempt) > 0 };
    call.succeeded('v');
    expect(withdrawn).toEqual([hedge]);
    expect(hedge.settled).toBe(true);
  });

  it('asks a second node for a read that is late, once, and not before', () => {
    const subject = new Subject();
    const { clock, hedged } = subject;
    const { call } = subject.read();
    clock.advance(19);
    expect(hedged).toEqual([]);
    clock.advance(1 + PERIOD_MS);
    expect(hedged).toEqual([call]);
    clock.advance(10_000);
    expect(hedged).toEqual([call]);
  });

  it('does not ask for what was answered in time, and looks at nothing when nothing is under way', () => {
    const subject = new Subject();
    for (let i = 0; i < 10; i++) subject.readTaking(19);
    subject.clock.advance(100);
    expect(subject.hedged).toEqual([]);
    expect(subject.clock.pending).toBe(0);
  });

  it('asks for no larger share of calls than it may', () => {
    const subject = new Subject({ maxShare: 0.1 });
    const reads = Array.from({ length: 200 }, () => subject.read());
    subject.clock.advance(1_000);
    expect(subject.hedged).toEqual(reads.slice(0, 20).map(({ call }) => call));
  });

  it('counts calls since it was made, not those before', () => {
    const clock = new ManualClock();
    let hedges = 0;
    let calls = 1_000_000;
    const hedger = new Hedger({
      settings: { afterMs: 20, maxShare: 0.5 },
      clock,
      calls: () => calls,
      send: () => {
        hedges++;
        return true;
      },
    });
    for (let i = 0; i < 4; i++) {
      calls++;
      hedger.watch(getCall('a', clock.nowMs()).call);
    }
    clock.advance(100);
    expect(hedges).toBe(2);
  });

  it('charges nothing for a read that no second node could be asked for', () => {
    const subject = new Subject({ maxShare: 0.5 });
    subject.hasOther = false;
    for (let i = 0; i < 10; i++) subject.read();
    subject.clock.advance(100);
    subject.hasOther = true;
    for (let i = 0; i < 10; i++) subject.read();
    subject.clock.advance(100);
    expect(subject.hedged).toHaveLength(10);
  });

  it("asks nobody by 'p95' before a hundred reads were timed", () => {
    const subject = new Subject({ afterMs: 'p95' });
    for (let i = 0; i < 99; i++) subject.readTaking(1);
    subject.read();
    subject.clock.advance(60_000);
    expect(subject.hedged).toEqual([]);
  });

  it("knows by 'p95' what is late from how long reads took of late", () => {
    const subject = new Subject({ afterMs: 'p95' });
    for (let i = 0; i < 1_280; i++) subject.readTaking(i % 10 === 0 ? 40 : 4);
    subject.hedged.length = 0;
    const { call } = subject.read();
    subject.clock.advance(39);
    expect(subject.hedged).toEqual([]);
    subject.clock.advance(1 + PERIOD_MS);
    expect(subject.hedged).toEqual([call]);
    call.succeeded('v');
    // All reads have become faster: what was usual is late now.
    for (let i = 0; i < 1_280; i++) subject.readTaking(4);
    subject.hedged.length = 0;
    const later = subject.read().call;
    subject.clock.advance(4 + PERIOD_MS);
    expect(subject.hedged).toEqual([later]);
  });

  it('leaves no timer behind once it is closed', () => {
    const subject = new Subject();
    subject.read();
    expect(subject.clock.pending).toBe(1);
    subject.hedger.close();
    expect(subject.clock.pending).toBe(0);
    subject.clock.advance(1_000);
    expect(subject.hedged).toEqual([]);
  });
});

describe('a second attempt', () => {
  it('answers the call when it is the first to answer, and what comes later is ignored', () => {
    const { call, outcomes } = getCall('a');
    const second = Hedger.attemptFor(call);
    second.succeeded('from the second');
    expect(call.settled).toBe(true);
    expect(second.settled).toBe(true);
    expect(outcomes).toEqual(['from the second']);
    // A link asks `settled` before it tells a call anything.
    const late = Hedger.attemptFor(call);
    late.succeeded('later still');
    expect(outcomes).toEqual(['from the second']);
  });

  it('does nothing to the call when it fails', () => {
    const { call, outcomes } = getCall('a');
    const second = Hedger.attemptFor(call);
    second.failed({ kind: 'reply', message: 'LOADING' });
    expect(second.settled).toBe(true);
    expect(call.settled).toBe(false);
    call.succeeded('from the first');
    expect(outcomes).toEqual(['from the first']);
  });
});
