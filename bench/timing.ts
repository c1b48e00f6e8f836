/** One figure of a micro benchmark. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The most it may be. */
  readonly limit?: number;
}

const RUNS = 200;

/** Nanoseconds for one of `count` steps of `work`: the best run, as whatever else the machine does only adds to it. */
export function bestNanoseconds(work: () => number, count: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return (best * 1e6) / count;
}
