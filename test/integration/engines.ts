import { type Engine, findServer } from '../../src/testing/index.js';

/** Every engine, and whether its server is on this machine: suites of one that is missing are counted as skipped. */
export async function engines(): Promise<
  ReadonlyArray<{ readonly engine: Engine; readonly isInstalled: boolean }>
> {
  const all: readonly Engine[] = ['redis', 'valkey'];
  const found = await Promise.allSettled(all.map((engine) => findServer({ engine })));
  if (found.every(({ status }) => status === 'rejected')) throw (found[0] as PromiseRejectedResult).reason;
  return all.map((engine, i) => ({ engine, isInstalled: found[i]!.status === 'fulfilled' }));
}
