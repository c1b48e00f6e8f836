import { ClusterClient } from 'slotwise';
import { LocalCluster } from 'slotwise/testing';
import { Chronicle } from './chronicle.js';
import type { Display } from './display.js';
import { Meter } from './meter.js';
import { playStory } from './story.js';
import type { Summary } from './summary.js';
import { count } from './text.js';
import { Traffic } from './traffic.js';

const CLUSTER = {
  shards: 3,
  replicasPerShard: 1,
  availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
};
const DRAW_EVERY_MS = 200;

/** How long the show is, where it is seen, and what ends it before its time. */
export interface ShowOptions {
  readonly display: Display;
  readonly trafficMs: number;
  readonly signal: AbortSignal;
}

/** The whole demo, from starting the servers to ending them. Rejects with the signal's reason when it is aborted. */
export async function show({ display, trafficMs, signal }: ShowOptions): Promise<Summary> {
  const shownAtMs = performance.now();
  const elapsedMs = (): number => performance.now() - shownAtMs;
  const chronicle = new Chronicle(elapsedMs, (event) => display.event(event));

  await using cluster = await LocalCluster.start(CLUSTER);
  signal.throwIfAborted();
  chronicle.add(`${cluster.engine} ${cluster.version}: ${cluster.nodes.length} nodes are running`);

  // One address is enough: the client finds the others.
  await using client = new ClusterClient({ seeds: cluster.seeds.slice(0, 1), clientName: 'slotwise-demo' });
  chronicle.follow(client);
  await client.connect();
  const traffic = new Traffic(client);
  chronicle.add(`${count(await traffic.load())} keys are loaded`);

  let act = '';
  const meter = new Meter(cluster, client, traffic, elapsedMs());
  const drawing = setInterval(
    () => display.draw(meter.look(elapsedMs(), act, chronicle.events)),
    DRAW_EVERY_MS,
  );
  const startedAtMs = performance.now();
  traffic.start();
  try {
    await playStory({
      cluster,
      client,
      durationMs: trafficMs,
      signal,
      act: (text) => {
        act = text;
      },
      event: (text) => chronicle.add(text),
    });
  } finally {
    clearInterval(drawing);
    await traffic.stop();
  }
  return {
    server: `${cluster.engine} ${cluster.version}`,
    nodes: cluster.nodes.length,
    totals: meter.totals(),
    trafficMs: performance.now() - startedAtMs,
    increments: { acknowledged: traffic.increments, counted: await traffic.countedIncrements() },
    messages: traffic.messages,
  };
}
