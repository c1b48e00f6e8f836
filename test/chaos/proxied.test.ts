import { describe, expect, it } from 'vitest';
import { engines } from '../integration/engines.js';
import { expectKept, type Scenario } from './scenario.js';

const scenarios: Readonly<Record<string, Scenario>> = {
  'a zone that is cut off, replies that are cut, garbage, and a node that tells how things were': {
    engine: 'redis',
    fullCoverage: 'no',
    staleReads: 'yes',
    nodeTimeoutMs: 1_000,
    isProxied: true,
    isNamed: false,
    faults: ['partition-zone', 'cut-reply', 'garbage', 'stale-topology'],
  },
  'nodes that fall silent, are slow, refuse connections or close them instead of saying READONLY': {
    engine: 'valkey',
    fullCoverage: 'yes',
    staleReads: 'no',
    nodeTimeoutMs: 1_000,
    isProxied: true,
    isNamed: false,
    faults: ['blackhole', 'latency-node', 'reset', 'close-on-replica-write', 'refuse'],
  },
  'nodes that refuse commands, mislead or speak byte by byte, and names that lead nowhere': {
    engine: 'redis',
    fullCoverage: 'yes',
    staleReads: 'no',
    nodeTimeoutMs: 2_000,
    isProxied: true,
    isNamed: true,
    faults: ['clusterdown', 'loading', 'false-moved', 'single-bytes', 'dns-fails', 'dns-changes'],
  },
};

describe('under load, every promise is kept through', async () => {
  const installed = (await engines()).filter(({ isInstalled }) => isInstalled).map(({ engine }) => engine);

  for (const [title, scenario] of Object.entries(scenarios)) {
    it.skipIf(!installed.includes(scenario.engine))(`${title} (${scenario.engine})`, async () => {
      const { steps } = await expectKept(scenario);
      for (const { totals } of steps) expect(totals.calls).toBeGreaterThan(100);
    });
  }
});
