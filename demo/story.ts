import { setTimeout as pause } from 'node:timers/promises';
import type { ClusterClient } from 'slotwise';
import type { LocalCluster, LocalNode } from 'slotwise/testing';
import { count, seconds } from './text.js';

const SLOTS_TO_MOVE = 800;
/** When the acts begin, as parts of the time that traffic runs. */
const MOVE_AT = 0.25;
const FAILOVER_AT = 0.5;
const HANG_AT = 0.75;
const RESUME_AT = 0.9;

/** Who is told what happens, and who asks for the end. */
export interface StoryOptions {
  readonly cluster: LocalCluster;
  readonly client: ClusterClient;
  readonly durationMs: number;
  readonly signal: AbortSignal;
  act(text: string): void;
  event(text: string): void;
}

/** What is done to the cluster while traffic runs. Rejects with the signal's reason when it is aborted. */
export async function playStory(options: StoryOptions): Promise<void> {
  const { durationMs, signal, act } = options;
  const startedAtMs = performance.now();
  const until = (part: number): Promise<void> => {
    const waitMs = Math.max(0, startedAtMs + part * durationMs - performance.now());
    return unlessAborted(pause(waitMs, undefined, { ref: false }), signal);
  };
  act('traffic on a quiet cluster');
  await until(MOVE_AT);
  await moveSlots(options);
  act('traffic after the move');
  await until(FAILOVER_AT);
  await failOver(options);
  act('traffic after the failover');
  await until(HANG_AT);
  const hung = await hangReplica(options);
  try {
    await until(RESUME_AT);
  } finally {
    await options.cluster.resume(hung);
  }
  options.event(`${hung.address} goes on`);
  act('traffic on a well cluster');
  await until(1);
}

async function moveSlots(options: StoryOptions): Promise<void> {
  const { cluster, client } = options;
  const [from] = client.topology.shards;
  const to = client.topology.shards.at(-1);
  const first = from?.slots[0]?.first;
  const target = cluster.nodes.find(({ address }) => address === to?.primary?.address);
  if (from === undefined || to === undefined || first === undefined || target === undefined) {
    throw new Error('The client knows no two shards between which slots could be moved');
  }
  const what = `moving ${count(SLOTS_TO_MOVE)} slots from shard ${from.index} to shard ${to.index}`;
  await timed(
    options,
    what,
    cluster.moveSlots({ slots: [[first, first + SLOTS_TO_MOVE - 1]], to: target.shard }),
  );
}

async function failOver(options: StoryOptions): Promise<void> {
  const { cluster, client } = options;
  const [, shard] = client.topology.shards;
  const primary = cluster.nodes.find(({ address }) => address === shard?.primary?.address);
  if (shard === undefined || primary === undefined)
    throw new Error('The client knows no primary to fail over');
  const what = `failing over shard ${shard.index}: ${primary.address} gives its place to its replica`;
  await timed(options, what, cluster.failover(primary.shard));
}

/** Its connections stand, and nothing answers. */
async function hangReplica({ cluster, act, event }: StoryOptions): Promise<LocalNode> {
  const replica = cluster.nodes.find(({ role }) => role === 'replica');
  if (replica === undefined) throw new Error('The cluster has no replica that could hang');
  const what = `${replica.address}, a replica, hangs: reads go elsewhere`;
  act(what);
  event(what);
  await cluster.hang(replica);
  return replica;
}

async function timed(options: StoryOptions, what: string, work: Promise<unknown>): Promise<void> {
  const { act, event, signal } = options;
  const startedAtMs = performance.now();
  act(what);
  event(what);
  await unlessAborted(work, signal);
  event(`done: the nodes agreed after ${seconds(performance.now() - startedAtMs)}`);
}

/** A change of the cluster cannot be called off, but need not be waited for. Rejects with the signal's reason. */
async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    signal.throwIfAborted();
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
