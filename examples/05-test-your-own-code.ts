/**
 * Test your own code against a real cluster, also while a primary fails over.
 *
 * This file is its own small test: `npx tsx 05-test-your-own-code.ts`, or the same lines in any test runner.
 */
import assert from 'node:assert/strict';
import { type ClusterClient, createClient } from 'slotwise';
import { LocalCluster } from 'slotwise/testing';

/** The code under test: carts of a shop. The hash tag keeps a cart's keys in one slot. */
class Carts {
  readonly #client: ClusterClient;

  constructor(client: ClusterClient) {
    this.#client = client;
  }

  async add(cart: string, article: string, pieces: number): Promise<void> {
    await this.#client.hincrby(`{cart:${cart}}:articles`, article, pieces);
  }

  async articles(cart: string): Promise<Record<string, number>> {
    const found = await this.#client.hgetall(`{cart:${cart}}:articles`);
    return Object.fromEntries(Object.entries(found).map(([article, pieces]) => [article, Number(pieces)]));
  }
}

await using cluster = await LocalCluster.start({ shards: 3, replicasPerShard: 1 });
await using client = await createClient({ seeds: cluster.seeds });
const carts = new Carts(client);

await carts.add('7', 'tea', 2);
await carts.add('7', 'tea', 1);
assert.deepEqual(await carts.articles('7'), { tea: 3 });
assert.deepEqual(await carts.articles('none'), {});
console.log('ok: pieces of an article add up');

// Customers go on shopping while the primary that holds this cart hands over to its replica.
let added = 0;
let isOver = false;
const shopping = Promise.all(
  Array.from({ length: 10 }, async () => {
    for (; !isOver; added++) await carts.add('8', 'pens', 1);
  }),
);
const old = cluster.primaryOf('{cart:8}');
const promoted = await cluster.failover(old.shard);
isOver = true;
await shopping;

assert.notEqual(promoted.address, old.address);
assert.ok(added > 0);
assert.deepEqual(await carts.articles('8'), { pens: added });
console.log(`ok: ${added} pens were added during a failover, none lost, none twice`);
