import { describe, expect, it } from 'vitest';
import { engines } from '../integration/engines.js';
import { expectKept, type Scenario } from './scenario.js';

const scenarios: Readonly<Record<string, Scenario>> = {
  'a primary that dies, links that are closed, a replica that hangs and a graceful failover': {
    engine: 'redis',
    fullCoverage: 'no',
    staleReads: 'yes',
    nodeTimeoutMs: 1_000,
    isProxied: false,
    isNamed: false,
    faults: ['kill-primary', 'kill-links', 'hang-replica', 'failover'],
  },
  'a primary that hangs until it is replaced, or shorter, and slots that move': {
    engine: 'redis',
    fullCoverage: 'yes',
    staleReads: 'no',
    nodeTimeoutMs: 1_000,
    isProxied: false,
    isNamed: false,
    faults: ['hang-primary', 'move-slots', 'hang-primary-briefly', 'restart-shard'],
  },
  'a primary that hangs until it is replaced, a takeover, and slots that move afterwards': {
    engine: 'valkey',
    fullCoverage: 'no',
    staleReads: 'no',
    nodeTimeoutMs: 1_000,
    isProxied: false,
    isNamed: false,
    faults: ['takeover', 'hang-primary', 'move-slots', 'failover-forced'],
  },
  'a primary and a replica that die, and a restart of every node': {
    engine: 'valkey',
    fullCoverage: 'yes',
    staleReads: 'yes',
    nodeTimeoutMs: 1_000,
    isProxied: false,
    isNamed: false,
    faults: ['kill-replica', 'kill-primary', 'rolling-restart', 'failover'],
  },
  'a shard that comes and one that goes': {
    engine: 'redis',
    fullCoverage: 'no',
    staleReads: 'no',
    nodeTimeoutMs: 2_000,
    isProxied: false,
    isNamed: false,
    faults: ['add-remove-shard'],
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
