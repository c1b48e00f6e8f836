/**
 * Watch a client: events as they happen, and a snapshot of everything at any time.
 *
 * Events cost nothing while nobody listens, and hold no keys, values or secrets.
 */
import { subscribe } from 'node:diagnostics_channel';
import { CHANNEL_OF, ClusterClient } from 'slotwise';
import { LocalCluster } from 'slotwise/testing';

await using cluster = await LocalCluster.start({ shards: 3, replicasPerShard: 1 });

// Constructing does no I/O, so listeners can be there before the first event.
await using client = new ClusterClient({ seeds: cluster.seeds });
client.on('clientReady', ({ shards, nodes }) => console.log(`ready: ${shards} shards, ${nodes} nodes`));
client.on('topologyChanged', ({ version, trigger, facts }) => {
  console.log(`topology ${version} (${trigger}): ${[...new Set(facts.map(({ kind }) => kind))].join(', ')}`);
});

// The same objects, for tracing tools that know nothing of your client: one channel for all clients of the process.
subscribe(CHANNEL_OF.commandRedirected, (message) => console.log('on the channel:', message));

await client.connect();
await client.set('user:42', 'Ada');

// Slots move to another shard, and the client does not know yet. It finds out with the next command.
const { slot } = client.explain('user:42');
const owner = cluster.primaryOf(slot);
const other = cluster.shards.find((shard) => shard !== owner.shard)!;
await cluster.moveSlots({ slots: slot, to: other });
console.log('after the move user:42 is', await client.get('user:42'));

const { status, topologyVersion, counters, nodes } = client.snapshot();
console.log('snapshot:', { status, topologyVersion, ...counters });
for (const { node, role, link, sent } of nodes) {
  console.log(`  ${node} ${role.padEnd(7)} link ${link.padEnd(6)} ${sent} commands sent`);
}
