/** The two families of servers that Slotwise speaks to. */
export type Engine = 'redis' | 'valkey';

/** Which server a binary is. */
export interface ServerVersion {
  readonly engine: Engine;
  /** `7.0.15` */
  readonly version: string;
}

/** Since then a node takes its bus port from the configuration, and knows `CLUSTER SHARDS` and sharded pub/sub. */
export const MIN_REDIS_VERSION = '7.0';

/** Reads what `--version` prints. Undefined when it is neither Redis nor Valkey. */
export function parseVersion(text: string): ServerVersion | undefined {
  const [, name, version] = /^(redis|valkey) server v=(\d+(?:\.\d+)*)/i.exec(text.trim()) ?? [];
  if (name === undefined || version === undefined) return undefined;
  return { engine: name.toLowerCase() as Engine, version };
}

/** Whether a version is at least another, number by number. */
export function isAtLeast(version: string, least: string): boolean {
  const have = version.split('.').map(Number);
  const need = least.split('.').map(Number);
  for (let i = 0; i < Math.max(have.length, need.length); i++) {
    const difference = (have[i] ?? 0) - (need[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
