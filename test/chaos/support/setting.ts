import type { Random } from '../../../src/support/index.js';
import type { Engine, LocalClusterOptions } from '../../../src/testing/index.js';
import { oneOf } from './draw.js';
import type { Fault } from './faults/index.js';
import { NODE_NAME } from './name-service.js';

/** The servers of a round. */
export interface Setting {
  readonly engine: Engine;
  /** `cluster-require-full-coverage`: whether the loss of one shard stops all. */
  readonly fullCoverage: 'yes' | 'no';
  /** `replica-serve-stale-data`: whether a replica without its primary, even an empty one, answers reads. */
  readonly staleReads: 'yes' | 'no';
  readonly nodeTimeoutMs: number;
  readonly isProxied: boolean;
  /** Nodes are known by a host name. */
  readonly isNamed: boolean;
}

const NODE_TIMEOUTS_MS = [1_000, 2_000] as const;
/** Proxies change the timing of everything: faults that need none happen without them too. */
const PROXIED_SHARE = 0.6;
const NAMED_SHARE = 0.3;
const NAMED = {
  'cluster-announce-hostname': NODE_NAME,
  'cluster-preferred-endpoint-type': 'hostname',
};
const ZONES = ['a', 'b', 'c'] as const;

/**
 * @param engines - those that may be drawn
 * @param faults - those that may be dealt: proxies and names are there only when one of them may need them
 */
export function drawSetting(
  random: Random,
  engines: readonly Engine[],
  faults: ReadonlyArray<Pick<Fault, 'needs'>>,
): Setting {
  const needed = new Set(faults.map(({ needs }) => needs));
  const drawn = {
    isProxied: needed.has('proxies') && random() < PROXIED_SHARE,
    isNamed: needed.has('names') && random() < NAMED_SHARE,
  };
  const isEnough = faults.some((fault) => canHappen(fault, drawn));
  return {
    engine: oneOf(random, engines),
    fullCoverage: oneOf(random, ['yes', 'no']),
    staleReads: oneOf(random, ['yes', 'no']),
    nodeTimeoutMs: oneOf(random, NODE_TIMEOUTS_MS),
    isProxied: isEnough ? drawn.isProxied : needed.has('proxies'),
    isNamed: isEnough ? drawn.isNamed : needed.has('names'),
  };
}

export function clusterOptions(setting: Setting): LocalClusterOptions {
  const { engine, fullCoverage, staleReads, nodeTimeoutMs, isProxied, isNamed } = setting;
  return {
    shards: 3,
    replicasPerShard: 1,
    engine,
    nodeTimeoutMs,
    proxied: isProxied,
    availabilityZones: ZONES,
    config: {
      'cluster-require-full-coverage': fullCoverage,
      'replica-serve-stale-data': staleReads,
      ...(isNamed ? NAMED : {}),
    },
  };
}

export function settingText({
  engine,
  fullCoverage,
  staleReads,
  nodeTimeoutMs,
  isProxied,
  isNamed,
}: Setting): string {
  const ways = `${isProxied ? ', proxied' : ''}${isNamed ? ', named' : ''}`;
  return `${engine}, full coverage ${fullCoverage}, stale reads ${staleReads}, node timeout ${nodeTimeoutMs} ms${ways}`;
}

/** Whether a fault can happen there. */
export function canHappen(
  { needs }: Pick<Fault, 'needs'>,
  { isProxied, isNamed }: Pick<Setting, 'isProxied' | 'isNamed'>,
): boolean {
  return needs === 'servers' || (needs === 'proxies' ? isProxied : isNamed);
}
