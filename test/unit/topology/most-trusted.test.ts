import { describe, expect, it } from 'vitest';
import { mostTrusted, type TopologyView } from '../../../src/topology/index.js';
import { clusterView, shardView } from './views.js';

const view = (primary: number, epoch?: number, slots = '0-16383'): TopologyView =>
  clusterView([shardView([slots], [primary, 11])], epoch === undefined ? {} : { epoch });

describe('mostTrusted', () => {
  it('has nothing to say without views', () => {
    expect(mostTrusted([])).toBeUndefined();
  });

  it('believes the only view there is', () => {
    const only = view(1);
    expect(mostTrusted([only])).toBe(only);
  });

  it('does not believe a node that is alone with an old view', () => {
    const [old, fresh, alsoFresh] = [view(1, 5), view(2, 6), view(2, 6)];
    expect(mostTrusted([old, fresh, alsoFresh])).toBe(fresh);
  });

  it('does not believe a node that was cut off and counted its epoch up', () => {
    const [cutOff, fresh, alsoFresh] = [view(1, 99), view(2, 6), view(2, 6)];
    expect(mostTrusted([cutOff, fresh, alsoFresh])).toBe(fresh);
  });

  it('believes the higher epoch when no opinion has a majority', () => {
    const views = [view(1, 5), view(2, 7), view(3, 6)];
    expect(mostTrusted(views)).toBe(views[1]);
    expect(mostTrusted(views.toReversed())).toBe(views[1]);
    expect(mostTrusted([view(1), views[1]!])).toBe(views[1]);
  });

  it('believes the fuller view when epochs do not decide', () => {
    const [gappy, full] = [view(1, 5, '0-99'), view(2, 5)];
    expect(mostTrusted([gappy, full])).toBe(full);
  });

  it('believes the first when nothing decides', () => {
    const [one, other] = [view(1), view(2)];
    expect(mostTrusted([one, other])).toBe(one);
    expect(mostTrusted([other, one])).toBe(other);
  });

  it('gives the newest of the views that agree, and counts views as agreeing whatever they say of replicas', () => {
    const lesser = clusterView([shardView(['0-16383'], [2])], { epoch: 5 });
    const newest = view(2, 6);
    expect(mostTrusted([view(1, 6), lesser, newest])).toBe(newest);
  });
});
