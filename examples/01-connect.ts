/**
 * Connect to a cluster, and send the first commands.
 *
 * LocalCluster stands in for your cache: with ElastiCache, `seeds` is the configuration endpoint, for example
 * 'my-cache.abc123.clustercfg.use1.cache.amazonaws.com:6379'.
 */
import { createClient } from 'slotwise';
import { LocalCluster } from 'slotwise/testing';

await using cluster = await LocalCluster.start({ shards: 3, replicasPerShard: 1 });
const [endpoint] = cluster.seeds;

// One address is enough: the client asks there, and finds all nodes and their slots.
// `await using` closes the client at the end of the block; without it, call `await client.close()`.
await using client = await createClient({ seeds: endpoint!, clientName: 'first-steps' });

const { shards, nodes } = client.topology;
console.log(`connected: ${shards.length} shards, ${nodes.length} nodes`);

// Every Redis command is a method, in lower case and typed. Each goes to the node that serves its key.
await client.set('user:42', 'Ada', 'EX', 60);
console.log('user:42 is', await client.get('user:42'));

await client.hset('cart:7', { apples: 3, pears: 1 });
console.log('cart:7 holds', await client.hgetall('cart:7'));

// What is called together is written together: one packet per node, not one per command.
const visits = await Promise.all([client.incr('visits'), client.incr('visits'), client.incr('visits')]);
console.log('visits counted', visits.join(', '));

// A command that has no method of its own can be sent by name.
console.log('server time', await client.call('TIME'));
