import { type SlotSpan, spanText } from '../slots.js';

/** One line of `nodes.conf`. */
export interface NodeEntry {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
  /** 40 hexadecimal digits, the same for all nodes of a shard. */
  readonly shardId: string;
  /** Undefined for a primary. */
  readonly primaryId: string | undefined;
  readonly configEpoch: number;
  readonly slots: readonly SlotSpan[];
}

/**
 * The text of `nodes.conf` for one node. A node that finds it at its first start knows the whole cluster at once:
 * no introductions, no gossip, no slots to hand out.
 *
 * @param withShardIds - whether the engine knows the field (Redis 7.2, every Valkey)
 */
export function nodesConf(myself: string, entries: readonly NodeEntry[], withShardIds: boolean): string {
  const lines = entries.map((entry) => {
    const address = `${entry.host}:${entry.port}@${entry.busPort}`;
    const role = entry.primaryId === undefined ? 'master' : 'slave';
    return [
      entry.id,
      withShardIds ? `${address},,shard-id=${entry.shardId}` : address,
      entry.id === myself ? `myself,${role}` : role,
      entry.primaryId ?? '-',
      '0 0',
      entry.configEpoch,
      'connected',
      ...entry.slots.map(spanText),
    ].join(' ');
  });
  const epoch = Math.max(0, ...entries.map(({ configEpoch }) => configEpoch));
  return `${lines.join('\n')}\nvars currentEpoch ${epoch} lastVoteEpoch 0\n`;
}
