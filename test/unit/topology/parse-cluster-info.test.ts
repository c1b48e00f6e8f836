import { describe, expect, it } from 'vitest';
import { parseClusterInfo } from '../../../src/topology/index.js';

describe('parseClusterInfo', () => {
  it('reads both epochs, and whether the node holds the cluster to be up', () => {
    const reply = [
      'cluster_state:ok',
      'cluster_slots_ok:16384',
      'cluster_current_epoch:7',
      'cluster_my_epoch:3',
      '',
    ];
    expect(parseClusterInfo(reply.join('\r\n'))).toEqual({ epoch: 7, ownEpoch: 3, isClusterOk: true });
    expect(parseClusterInfo(Buffer.from('cluster_state:fail\r\n'))).toEqual({ isClusterOk: false });
  });

  it('leaves out what is not told, or is no number', () => {
    expect(parseClusterInfo('cluster_current_epoch:many\r\ncluster_my_epoch:0\r\n')).toEqual({ ownEpoch: 0 });
    expect(parseClusterInfo('')).toEqual({});
    for (const reply of [undefined, null, 7, ['cluster_state:ok']])
      expect(parseClusterInfo(reply)).toEqual({});
  });
});
