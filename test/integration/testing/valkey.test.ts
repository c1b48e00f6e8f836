import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { findServer, LocalCluster } from '../../../src/testing/index.js';
import { ask } from './connect.js';

const missing = await findServer({ engine: 'valkey' }).then(
  () => undefined,
  (error: Error) => error.message.split('\n')[0],
);

describe.skipIf(missing !== undefined)(
  `a Valkey cluster${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let cluster: LocalCluster;
    beforeAll(async () => {
      cluster = await LocalCluster.start({
        engine: 'valkey',
        availabilityZones: ['a', 'b'],
        nodeTimeoutMs: 1000,
      });
    });
    afterAll(() => cluster.stop());

    it('says that it is one, and tells each node’s zone itself', async () => {
      expect(cluster.engine).toBe('valkey');
      expect(cluster.version).toMatch(/^\d+\.\d+\.\d+$/);
      for (const node of cluster.nodes) {
        const info = String(await ask(node, ['INFO', 'server']));
        expect(info).toContain(`valkey_version:${cluster.version}`);
        expect(info).toContain(`availability_zone:${node.availabilityZone}`);
      }
    });

    it('groups the nodes of a shard by one shard id from the first moment', async () => {
      for (const shard of cluster.shards) {
        const nodes = cluster.nodes.filter((node) => node.shard === shard);
        const ids = await Promise.all(nodes.map((node) => ask(node, ['CLUSTER', 'MYSHARDID'])));
        expect(new Set(ids).size).toBe(1);
      }
      expect(await ask(cluster.primaryOf(0), ['CLUSTER', 'SHARDS'])).toHaveLength(3);
    });

    it('fails over, gets over a death, moves slots with keys, and grows', async () => {
      onTestFailed(() => console.log(cluster.logs()));
      const old = cluster.primaryOf('{v}');
      const promoted = await cluster.failover(old.shard);
      await cluster.kill(promoted);
      await cluster.waitUntilHealthy();
      expect(cluster.primaryOf('{v}')).toBe(old);
      await cluster.restart(promoted);
      const keys = Array.from({ length: 25 }, (_, i) => `{v}:${i}`);
      for (const key of keys) await ask(old, ['SET', key, key]);
      const to = await cluster.addShard({ rebalance: false });
      const slot = Number(await ask(old, ['CLUSTER', 'KEYSLOT', '{v}']));
      await cluster.moveSlots({ slots: [slot, slot - 1], to });
      expect(await ask(cluster.primaryOf(slot), ['MGET', ...keys])).toEqual(keys);
      await cluster.removeShard(to);
      expect(await ask(cluster.primaryOf(slot), ['MGET', ...keys])).toEqual(keys);
    });
  },
);
