import type { FaultProxy, LocalNode } from '../../../../src/testing/index.js';
import { between, oneOf } from '../draw.js';
import type { Tolerance } from '../invariants.js';
import {
  anyPrimary,
  anyReplica,
  DELAYING,
  type Fault,
  FAILING,
  fault,
  HARMLESS,
  lasting,
  LOSSY,
  type Scene,
} from './fault.js';

const FAULT_MS = { least: 300, most: 3_000 };
const SHORT_MS = { least: 200, most: 1_000 };
const ZONE_LATENCY_MS = { least: 5, most: 60 };
const NODE_LATENCY_MS = { least: 200, most: 2_000 };
const NODE_JITTER_MS = { least: 0, most: 500 };
const RESETS = { least: 1, most: 8 };
const REPLIES_HIT = { least: 1, most: 20 };
const COMMANDS_REFUSED = { least: 1, most: 200 };
const COMMANDS_MISLED = { least: 1, most: 20 };
const CUT_AFTER_BYTES = { least: 0, most: 40 };
const BYTES_PER_SECOND = { least: 20_000, most: 500_000 };
const SLOT_COUNT = 16_384;
const SLOTS_MOVED = { least: 50, most: 300 };
/** On the loopback, and nobody listens there. */
const NOWHERE = '127.0.0.1:1';

/** What every fault of a proxy has in common: one node is hit for a while, and then the network is mended. */
function proxied(
  name: string,
  summary: string,
  tolerance: Tolerance,
  disturb: (scene: Scene, node: LocalNode, proxy: FaultProxy) => Promise<void>,
): Fault {
  const inflict = async (scene: Scene): Promise<void> => {
    const { cluster, random } = scene;
    // Primaries twice as often: replicas are asked for half of the reads only.
    const node = random() < 0.67 ? anyPrimary(scene) : anyReplica(scene);
    await disturb(scene, node, cluster.proxyOf(node));
    await cluster.heal();
  };
  return fault(name, summary, tolerance, inflict, { needs: 'proxies' });
}

function forAWhile(scene: Scene, { least, most } = FAULT_MS): Promise<void> {
  return lasting(between(scene.random, least, most), scene);
}

const partitionZone = fault(
  'partition-zone',
  'a zone is cut off, from clients and from the other zones, until its primaries are replaced; then it is back',
  LOSSY,
  async (scene) => {
    const { cluster, random, say } = scene;
    const primaries = cluster.nodes.filter(({ role }) => role === 'primary');
    const zones = new Map<string, number>();
    for (const { availabilityZone } of cluster.nodes) {
      if (availabilityZone !== undefined) zones.set(availabilityZone, 0);
    }
    for (const { availabilityZone: zone } of primaries) {
      if (zone !== undefined) zones.set(zone, 1 + (zones.get(zone) ?? 0));
    }
    // The rest must hold the majority, or nobody is promoted and nothing comes back.
    const losable = [...zones].filter(([, count]) => count < primaries.length / 2).map(([zone]) => zone);
    const zone = oneOf(random, losable);
    say(`zone ${zone} with ${zones.get(zone) ?? 0} primaries`);
    await cluster.partition(zone);
    await cluster.waitUntilHealthy();
    await forAWhile(scene);
    await cluster.heal();
  },
  { needs: 'proxies' },
);

const latencyZone = fault(
  'latency-zone',
  'round trips to a zone take longer',
  HARMLESS,
  async (scene) => {
    const { cluster, random, say } = scene;
    const zone = oneOf(random, [...new Set(cluster.nodes.map(({ availabilityZone }) => availabilityZone))]);
    const ms = between(random, ZONE_LATENCY_MS.least, ZONE_LATENCY_MS.most);
    say(`zone ${String(zone)} by ${ms} ms`);
    await cluster.latency(zone ?? '', ms);
    await forAWhile(scene);
    await cluster.heal();
  },
  { needs: 'proxies' },
);

const latencyNode = proxied(
  'latency-node',
  'round trips to a node take very long, some longer than others',
  DELAYING,
  async (scene, _node, proxy) => {
    const { random, say } = scene;
    const ms = between(random, NODE_LATENCY_MS.least, NODE_LATENCY_MS.most);
    const jitterMs = between(random, NODE_JITTER_MS.least, NODE_JITTER_MS.most);
    say(`by ${ms} to ${ms + jitterMs} ms`);
    proxy.latency({ ms, jitterMs });
    await forAWhile(scene);
  },
);

const blackhole = proxied(
  'blackhole',
  'nothing reaches a node, or nothing comes back, or both, while the cluster finds it well',
  DELAYING,
  async (scene, _node, proxy) => {
    const direction = oneOf(scene.random, ['toServer', 'toClient', 'both'] as const);
    scene.say(direction);
    proxy.blackhole(direction);
    await forAWhile(scene);
  },
);

const refuse = proxied(
  'refuse',
  'a node breaks off all connections and takes no new ones, while the cluster finds it well',
  FAILING,
  async (scene, _node, proxy) => {
    await proxy.refuse();
    proxy.reset();
    await forAWhile(scene);
  },
);

const reset = proxied(
  'reset',
  'the connections to a node are broken off again and again',
  FAILING,
  async (scene, node) => {
    const times = between(scene.random, RESETS.least, RESETS.most);
    scene.say(`${times} times`);
    for (let i = 0; i < times; i++) {
      await scene.cluster.cut(node);
      await forAWhile(scene, { least: 5, most: 150 });
    }
  },
);

const cutReply = proxied(
  'cut-reply',
  'connections are closed in the midst of a reply',
  FAILING,
  async (scene, _node, proxy) => {
    const { random, say } = scene;
    const afterBytes = between(random, CUT_AFTER_BYTES.least, CUT_AFTER_BYTES.most);
    const count = between(random, REPLIES_HIT.least, REPLIES_HIT.most);
    say(`${count} replies after ${afterBytes} bytes`);
    proxy.cut({ afterBytes, count });
    await forAWhile(scene);
  },
);

const garbage = proxied(
  'garbage',
  'bytes that are no RESP come in the place of replies',
  FAILING,
  async (scene, _node, proxy) => {
    const count = between(scene.random, REPLIES_HIT.least, REPLIES_HIT.most);
    scene.say(`${count} replies`);
    proxy.garbage({ count });
    await forAWhile(scene);
  },
);

const singleBytes = proxied(
  'single-bytes',
  'every byte travels by itself',
  HARMLESS,
  async (scene, _node, proxy) => {
    proxy.split();
    await forAWhile(scene, SHORT_MS);
  },
);

const slow = proxied(
  'slow',
  'few bytes a second reach a node and come back',
  DELAYING,
  async (scene, _node, proxy) => {
    const bytesPerSecond = between(scene.random, BYTES_PER_SECOND.least, BYTES_PER_SECOND.most);
    scene.say(`${bytesPerSecond} bytes a second`);
    proxy.slow({ bytesPerSecond });
    await forAWhile(scene);
  },
);

/** A node that refuses commands before it executes them. */
function refusing(name: string, summary: string, errors: readonly string[]): Fault {
  return proxied(name, summary, FAILING, async (scene, _node, proxy) => {
    const error = oneOf(scene.random, errors);
    const count = between(scene.random, COMMANDS_REFUSED.least, COMMANDS_REFUSED.most);
    scene.say(`${count} times ${error}`);
    proxy.answer({ error, count });
    await forAWhile(scene);
  });
}

const clusterDown = refusing('clusterdown', 'a node says that the cluster is down', [
  'CLUSTERDOWN The cluster is down',
  'CLUSTERDOWN Hash slot not served',
]);

const loading = refusing('loading', 'a node says that it is loading its data', [
  'LOADING Redis is loading the dataset in memory',
]);

const refusals = refusing('refusals', 'a node refuses commands for another reason that passes', [
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  'TRYAGAIN Multiple keys request during rehashing of slot',
  "READONLY You can't write against a read only replica.",
]);

const falseMoved = proxied(
  'false-moved',
  'a node sends commands to an address where nobody is, or to the wrong node',
  FAILING,
  async (scene, node, proxy) => {
    const { cluster, random, say } = scene;
    const others = cluster.nodes.filter((other) => other !== node).map(({ address }) => address);
    const target = oneOf(random, [NOWHERE, ...others]);
    const count = between(random, COMMANDS_MISLED.least, COMMANDS_MISLED.most);
    const error = `MOVED ${between(random, 0, SLOT_COUNT - 1)} ${target}`;
    say(`${count} times ${error}`);
    proxy.answer({ error, count });
    await forAWhile(scene);
  },
);

const closeOnReplicaWrite = fault(
  'close-on-replica-write',
  'during a graceful failover, nodes close the connection instead of answering READONLY',
  FAILING,
  async (scene) => {
    const { cluster } = scene;
    for (const node of cluster.nodes) cluster.proxyOf(node).closeOnReplicaWrite();
    await cluster.failover(anyPrimary(scene).shard);
    await cluster.heal();
  },
  { needs: 'proxies' },
);

const staleTopology = fault(
  'stale-topology',
  'a node goes on telling how the cluster was, while a replica takes over and slots move',
  HARMLESS,
  async (scene) => {
    const { cluster, random, say } = scene;
    const teller = oneOf(random, cluster.nodes);
    say(`told by ${teller.address}`);
    await cluster.proxyOf(teller).staleTopology();
    await cluster.failover(anyPrimary(scene).shard);
    const count = between(random, SLOTS_MOVED.least, SLOTS_MOVED.most);
    const first = between(random, 0, SLOT_COUNT - count);
    await cluster.moveSlots({ slots: [[first, first + count - 1]], to: oneOf(random, cluster.shards) });
    await forAWhile(scene);
    await cluster.heal();
  },
  { needs: 'proxies', replicasMayMiss: ['redis'] },
);

/** Faults that a proxy before every node makes. */
export const proxiedFaults: readonly Fault[] = [
  partitionZone,
  latencyZone,
  latencyNode,
  blackhole,
  refuse,
  reset,
  cutReply,
  garbage,
  singleBytes,
  slow,
  clusterDown,
  loading,
  refusals,
  falseMoved,
  closeOnReplicaWrite,
  staleTopology,
];
