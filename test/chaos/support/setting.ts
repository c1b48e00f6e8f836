import type { Random } from '../../../src/support/index.js';
import type { Engine, LocalClusterOptions } from '../../../src/testing/index.js';
import { oneOf } from './draw.js';
import type { Fault } from './faults/index.js';

/** The servers of a round. */
export interface Setting {
  readonly engine: Engine;
  /** `cluster-require-full-coverage`: whether the loss of one shard stops all. */
  readonly fullCoverage: 'yes' | 'no';
  /** `replica-serve-stale-data`: whether a replica without its primary, even an empty one, answers reads. */
  readonly staleReads: 'yes' | 'no';
  readonly nodeTimeoutMs: number;
  readonly isProxied: boolean;
}

const NODE_TIMEOUTS_MS = [1_000, 2_000] as const;
/** Proxies change the timing of everything: faults that need none happen without them too. */
const PROXIED_SHARE = 0.6;
const ZONES = ['a', 'b', 'c'] as const;

/**
 * @param engines - those that may be drawn
 * @param faults - those that may be dealt: proxies are there only when one of them may need them
 */
export function drawSetting(
  random: Random,
  engines: readonly Engine[],
  faults: ReadonlyArray<Pick<Fault, 'needsProxies'>>,
): Setting {
  const mayBePlain = faults.some(({ needsProxies }) => !needsProxies);
  const mayBeProxied = faults.some(({ needsProxies }) => needsProxies);
  const wantsProxies = random() < PROXIED_SHARE;
  return {
    engine: oneOf(random, engines),
    fullCoverage: oneOf(random, ['yes', 'no']),
    staleReads: oneOf(random, ['yes', 'no']),
    nodeTimeoutMs: oneOf(random, NODE_TIMEOUTS_MS),
    isProxied: mayBeProxied && (wantsProxies || !mayBePlain),
  };
}

export function clusterOptions(setting: Setting): LocalClusterOptions {
  const { engine, fullCoverage, staleReads, nodeTimeoutMs } = setting;
  return {
    shards: 3,
    replicasPerShard: 1,
    engine,
    nodeTimeoutMs,
    availabilityZones: ZONES,
    config: {
      'cluster-require-full-coverage': fullCoverage,
      'replica-serve-stale-data': staleReads,
    },
  };
}

export function settingText({ engine, fullCoverage, staleReads, nodeTimeoutMs, isProxied }: Setting): string {
  const proxies = isProxied ? ', proxied' : '';
  return `${engine}, full coverage ${fullCoverage}, stale reads ${staleReads}, node timeout ${nodeTimeoutMs} ms${proxies}`;
}
