import { type Engine, findServer } from '../../src/testing/index.js';

/** The engines whose server is on this machine; the test command says which are missing. At least one must be. */
export async function installedEngines(): Promise<Engine[]> {
  const engines: Engine[] = ['redis', 'valkey'];
  const found = await Promise.allSettled(engines.map((engine) => findServer({ engine })));
  const installed = engines.filter((_, i) => found[i]!.status === 'fulfilled');
  if (installed.length === 0) throw (found[0] as PromiseRejectedResult).reason;
  return installed;
}
