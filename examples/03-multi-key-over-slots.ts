/**
 * Commands with many keys, wherever the keys live.
 *
 * A server refuses a command whose keys lie in different slots. Where the answer can be put together from parts, the
 * client splits the command by slots and does just that.
 */
import { createClient, CrossSlotError } from 'slotwise';
import { LocalCluster } from 'slotwise/testing';

await using cluster = await LocalCluster.start({ shards: 3, replicasPerShard: 0 });
await using client = await createClient({ seeds: cluster.seeds });

const prices = { apple: '3', pear: '4', plum: '2', quince: '7' };
for (const fruit of Object.keys(prices)) {
  const { slot, shard } = client.explain(fruit);
  console.log(`${fruit}: slot ${slot}, shard ${shard?.index}`);
}

// Several shards, one call. Replies come in the order of the keys.
await client.mset(prices);
console.log('mget:', await client.mget('quince', 'apple', 'nothing', 'pear'));
console.log('exists:', await client.exists('apple', 'pear', 'nothing'));
console.log('del:', await client.del('apple', 'pear', 'plum', 'quince'));

// Split commands are not atomic over slots: each part is. And what would need all data in one place is not split.
try {
  await client.sinter('fans:tea', 'fans:coffee');
} catch (error) {
  if (!(error instanceof CrossSlotError)) throw error;
  console.log('sinter over slots:', error.name, '-', error.message);
}

// A hash tag, the part in braces, puts keys into one slot when they belong together.
await client.sadd('{fans}:tea', 'Ada', 'Alan', 'Grace');
await client.sadd('{fans}:coffee', 'Alan', 'Grace', 'Linus');
console.log('sinter in one slot:', (await client.sinter('{fans}:tea', '{fans}:coffee')).toSorted());
