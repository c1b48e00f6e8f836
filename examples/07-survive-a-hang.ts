/**
 * A primary hangs: its process is stopped, its TCP connections stand, and nothing answers. Reads go on from its
 * replica, writes wait until the cluster has promoted it, and nothing fails.
 */
import { createClient } from 'slotwise';
import { LocalCluster } from 'slotwise/testing';

await using cluster = await LocalCluster.start({ shards: 3, replicasPerShard: 1, nodeTimeoutMs: 1_000 });
await using client = await createClient({
  seeds: cluster.seeds,
  readFrom: 'preferReplica',
  // Long enough for the cluster to notice and to elect: then a write need not fail.
  commands: { timeoutMs: 15_000 },
});
client.on('nodeSuspected', ({ node }) => console.log(`${node} does not answer`));
client.on('topologyChanged', ({ facts }) => {
  for (const fact of facts) {
    if (fact.kind === 'primaryChanged') console.log(`${fact.to} is primary now`);
  }
});

await client.set('user:42', 'Ada');
const victim = cluster.primaryOf('user:42');
console.log(`${victim.address} hangs`);
await cluster.hang(victim);

// The write waits for the promotion. Reads meanwhile are answered as ever.
const write = client.set('user:42', 'Grace');
let isWritten = false;
void write.then(() => (isWritten = true));
let reads = 0;
while (!isWritten) {
  await client.get('user:42');
  reads++;
}
console.log(`written: ${await write}; reads answered while it waited: ${reads > 100 ? 'hundreds' : reads}`);
console.log('user:42 is', await client.with({ readFrom: 'primary' }).get('user:42'));

await cluster.resume(victim);
const { counters, nodes } = client.snapshot();
console.log('failures:', counters.failures);
for (const { node, role, condition, circuit } of nodes)
  console.log(`  ${node} ${role.padEnd(7)} ${condition}, circuit ${circuit}`);
