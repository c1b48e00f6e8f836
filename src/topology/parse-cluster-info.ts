import { readFields } from './read-fields.js';
import { integerOf, textOf } from './reply-reader.js';
import type { TopologyView } from './view.js';

/**
 * What a reply to CLUSTER INFO tells beside a view: epochs, and whether the node holds the cluster to be up.
 *
 * @returns nothing for what the reply does not tell; nothing at all when it is no such reply
 * @see https://valkey.io/commands/cluster-info/
 */
export function parseClusterInfo(reply: unknown): Pick<TopologyView, 'epoch' | 'ownEpoch' | 'isClusterOk'> {
  const text = textOf(reply);
  if (text === undefined) return {};
  const fields = readFields(text);
  const epoch = integerOf(fields.get('cluster_current_epoch'));
  const ownEpoch = integerOf(fields.get('cluster_my_epoch'));
  const clusterState = fields.get('cluster_state');
  return {
    ...(epoch === undefined ? {} : { epoch }),
    ...(ownEpoch === undefined ? {} : { ownEpoch }),
    ...(clusterState === undefined ? {} : { isClusterOk: clusterState === 'ok' }),
  };
}
