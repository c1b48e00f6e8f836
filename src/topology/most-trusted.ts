import { formatSlotRange } from './slot-range.js';
import type { TopologyView } from './view.js';

/** Views that agree on who serves which slots. */
interface Camp {
  /** The one of them with the highest epoch. */
  best: TopologyView;
  votes: number;
}

/**
 * The view to believe when several nodes were asked at about the same time.
 *
 * Views agree when they name the same primaries for the same slots; replicas and health may differ. The opinion that
 * most nodes hold wins, so a node that is alone with an old view, or one that was cut off and counts up epochs by
 * itself, is not believed. Between equals the higher epoch wins (a view without one counts as epoch 0), then the one
 * that leaves fewer slots uncovered, then the first given.
 *
 * @returns `undefined` only when there are no views
 */
export function mostTrusted(views: readonly TopologyView[]): TopologyView | undefined {
  const camps = new Map<string, Camp>();
  for (const view of views) {
    const opinion = opinionOf(view);
    const camp = camps.get(opinion);
    if (camp === undefined) {
      camps.set(opinion, { best: view, votes: 1 });
      continue;
    }
    camp.votes++;
    if (epochOf(view) > epochOf(camp.best)) camp.best = view;
  }
  // The sort is stable, and a Map keeps the order of insertion: the first given wins among equals.
  const [first] = [...camps.values()].toSorted(
    (a, b) =>
      b.votes - a.votes || epochOf(b.best) - epochOf(a.best) || coverageOf(b.best) - coverageOf(a.best),
  );
  return first?.best;
}

function opinionOf({ mode, shards }: TopologyView): string {
  const lines = shards.flatMap(({ slots, primary }) =>
    slots.map((range) => `${formatSlotRange(range)} ${primary?.address ?? '-'}`),
  );
  return [mode, ...lines.toSorted()].join('\n');
}

function epochOf(view: TopologyView): number {
  return view.epoch ?? 0;
}

function coverageOf({ shards }: TopologyView): number {
  return shards.reduce(
    (sum, { slots }) => sum + slots.reduce((count, { first, last }) => count + last - first + 1, 0),
    0,
  );
}
