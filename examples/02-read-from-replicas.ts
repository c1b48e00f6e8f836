/**
 * Let replicas answer reads, and see who answered.
 *
 * Reads go to the primary unless told otherwise, so that you read what you wrote. A replica may be a moment behind:
 * let it answer where that does no harm.
 */
import { createClient } from 'slotwise';
import { eventually, LocalCluster } from 'slotwise/testing';

await using cluster = await LocalCluster.start({ shards: 3, replicasPerShard: 2 });
await using client = await createClient({ seeds: cluster.seeds });

// A view of the same client, over the same links, for reads that may be a moment old.
const relaxed = client.with({ readFrom: 'preferReplica' });

const pages = Array.from({ length: 600 }, (_, i) => `page:${i}`);
await client.mset(Object.fromEntries(pages.map((page) => [page, `<h1>${page}</h1>`])));
// These servers are seconds old, and a new replica is not used until the cluster says that it has its data.
await eventually('all replicas can be used', () =>
  client.topology.nodes.every(({ health }) => health === 'online'),
);

// explain() tells where a command would go and why, and sends nothing.
for (const [name, view] of Object.entries({ client, relaxed })) {
  const { slot, candidates } = view.explain('page:1', 'get');
  console.log(`${name}: GET on slot ${slot} goes to`);
  for (const { node, reason } of candidates) console.log(`  ${node}, ${reason}`);
}

// Whatever the view, a write goes to the primary.
console.log('relaxed: SET goes to', relaxed.explain('page:1', 'set').chosen);

const before = sentTo();
await Promise.all(pages.map((page) => relaxed.get(page)));
const after = sentTo();

console.log(`${pages.length} relaxed reads were answered by`);
for (const { address, role } of client.topology.nodes) {
  const answered = (after.get(address) ?? 0) - (before.get(address) ?? 0);
  console.log(`  ${address} ${role.padEnd(7)} ${answered}`);
}

/** Commands sent to each node so far. */
function sentTo(): Map<string, number> {
  return new Map(client.snapshot().nodes.map(({ node, sent }) => [node, sent]));
}
