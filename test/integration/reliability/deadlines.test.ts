import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ClusterClient,
  ClusterClient as Client,
  CommandAbortedError,
  CommandTimeoutError,
  createClient,
  NoUsableNodeError,
  QueueFullError,
  type SlotwiseError,
} from '../../../src/index.js';
import { eventually, LocalCluster, type LocalNode } from '../../../src/testing/index.js';
import { ask } from '../testing/connect.js';
import { failureOf, nodeOf, tagOf } from './support/watch.js';

/** No questions about the topology but those that something gives rise to. */
const QUIET = { refreshIntervalMs: 0 };

/** How often a node has executed a command. */
async function executions(node: LocalNode, command: string): Promise<number> {
  const stats = String(await ask(node, ['INFO', 'commandstats']));
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

// Two shards without replicas: whoever loses a node has nowhere else to go.
describe('a call that is given up', () => {
  let cluster: LocalCluster;
  let client: ClusterClient;
  let node: LocalNode;
  let tag: string;

  beforeAll(async () => {
    cluster = await LocalCluster.start({
      shards: 2,
      replicasPerShard: 0,
      config: { 'cluster-require-full-coverage': 'no' },
    });
    node = cluster.primaryOf(0);
    tag = tagOf(cluster, node.shard);
  });
  afterAll(() => cluster?.stop());
  beforeEach(async () => {
    client = await createClient({ seeds: cluster.seeds, topology: QUIET, links: { hungAfterMs: 50 } });
    await client.set(tag, '0');
  });
  afterEach(async () => {
    if (node.state === 'hung') await cluster.resume(node);
    await client.close();
  });

  /** Hangs the node until the client sends nothing there any more. */
  async function hangUntilSuspect(): Promise<void> {
    await cluster.hang(node);
    const asked = failureOf(client.with({ timeoutMs: 3_000 }).get(tag));
    await eventually('it is suspect', () => nodeOf(client, node.address).condition === 'suspect');
    void asked;
  }

  it('before it began sends nothing and says so', async () => {
    const before = await executions(node, 'incr');
    const signal = AbortSignal.abort(new Error('too late'));
    const error = await failureOf(client.with({ signal }).incr(tag));
    expect(error).toBeInstanceOf(CommandAbortedError);
    expect(error).toMatchObject({ executed: 'no', cause: { message: 'too late' } });
    expect(await executions(node, 'incr')).toBe(before);
  });

  it('in the turn in which it was made never leaves, and those beside it do', async () => {
    const before = await executions(node, 'incr');
    const controllers = Array.from({ length: 20 }, () => new AbortController());
    const calls = controllers.map(({ signal }) => failureOf(client.with({ signal }).incr(tag)));
    const kept = [client.incr(tag), client.incr(tag)];
    controllers.forEach((controller, i) => i % 2 === 0 && controller.abort());
    const outcomes = await Promise.all(calls);
    outcomes.forEach((outcome, i) => {
      if (i % 2 === 0) expect(outcome).toMatchObject({ code: 'COMMAND_ABORTED', executed: 'no' });
      else expect(outcome).toBeUndefined();
    });
    expect(await Promise.all(kept)).toHaveLength(2);
    expect(await client.get(tag)).toBe('12');
    expect(await executions(node, 'incr')).toBe(before + 12);
  });

  it('after it has left may have been executed, and says so', async () => {
    await cluster.hang(node);
    const controller = new AbortController();
    const given = failureOf(client.with({ signal: controller.signal }).incr(tag));
    await eventually('it has left', () => nodeOf(client, node.address).inFlight > 0);
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect(await given).toMatchObject({ code: 'COMMAND_ABORTED', executed: 'maybe' });
    await cluster.resume(node);
    await eventually('it was executed all the same', async () => expect(await client.get(tag)).toBe('1'));
  });

  it('while it waits for a shard that nobody serves is certainly not executed', async () => {
    await hangUntilSuspect();
    const before = client.snapshot().waiting;
    const controller = new AbortController();
    const given = failureOf(client.with({ signal: controller.signal }).incr(tag));
    const late = failureOf(client.with({ timeoutMs: 50 }).incr(tag));
    expect(client.snapshot().waiting).toBe(before + 2);
    controller.abort();
    expect(await given).toMatchObject({ code: 'COMMAND_ABORTED', executed: 'no' });
    const error = (await late) as NoUsableNodeError;
    expect(error).toBeInstanceOf(NoUsableNodeError);
    expect(error).toMatchObject({ executed: 'no', retryable: true });
    expect(error.message).toContain(`${node.address} does not answer`);
    expect(client.snapshot().waiting).toBe(before);
    await cluster.resume(node);
    await eventually('it answers again', async () => expect(await client.get(tag)).toBe('0'));
  });

  it('finds a bounded room to wait in, which those who give up leave', async () => {
    await using bounded = await createClient({
      seeds: cluster.seeds,
      topology: QUIET,
      links: { hungAfterMs: 50 },
      commands: { maxWaitingPerShard: 2 },
    });
    await bounded.get(tag);
    await cluster.hang(node);
    const first = failureOf(bounded.with({ timeoutMs: 4_000, idempotent: false }).incr(tag));
    await eventually('it is suspect', () => nodeOf(bounded, node.address).condition === 'suspect');
    const controller = new AbortController();
    const waiting = [1, 2].map(() => failureOf(bounded.with({ signal: controller.signal }).set(tag, '1')));
    const refused = (await failureOf(bounded.set(tag, '1'))) as SlotwiseError;
    expect(refused).toBeInstanceOf(QueueFullError);
    expect(refused).toMatchObject({ executed: 'no' });
    expect(refused.message).toContain('commands.maxWaitingPerShard (2)');
    controller.abort();
    await Promise.all(waiting);
    expect(bounded.snapshot().waiting).toBe(0);
    const next = bounded.set(tag, '7');
    expect(bounded.snapshot().waiting).toBe(1);
    await cluster.resume(node);
    expect(await next).toBe('OK');
    expect(await first).toBeUndefined();
  });

  it('by a deadline shorter than a round trip ends by it, and harms nobody', async () => {
    const other = tagOf(cluster, cluster.nodes.find((each) => each !== node)!.shard);
    await cluster.hang(node);
    const hasty = client.with({ timeoutMs: 1 });
    const late = await Promise.all(Array.from({ length: 50 }, () => failureOf(hasty.get(tag))));
    for (const error of late) {
      expect([CommandTimeoutError, NoUsableNodeError]).toContain((error as SlotwiseError).constructor);
    }
    expect(await client.set(other, 'fine')).toBe('OK');
    await cluster.resume(node);
    await eventually('it answers again', async () => expect(await client.get(tag)).toBe('0'));
    expect(await client.get(other)).toBe('fine');
  });

  it.each(['dbsize', 'keys'] as const)(
    'that is a %s over all shards has one deadline, for the beginning too',
    async (name) => {
      await cluster.hang(node);
      await using fresh = new Client({ seeds: node.address });
      const hasty = fresh.with({ timeoutMs: 200 });
      const error = await failureOf(name === 'dbsize' ? hasty.dbsize() : hasty.keys('*'));
      expect(error).toMatchObject({ code: 'COMMAND_TIMEOUT', executed: 'no' });
      const controller = new AbortController();
      const view = fresh.with({ signal: controller.signal });
      const given = failureOf(name === 'dbsize' ? view.dbsize() : view.keys('*'));
      controller.abort();
      expect(await given).toMatchObject({ code: 'COMMAND_ABORTED', executed: 'no' });
      await fresh.close({ drainMs: 0 });
    },
  );

  it('that is a DBSIZE over all shards does not wait for ever for the one that hangs', async () => {
    await cluster.hang(node);
    const error = await failureOf(client.with({ timeoutMs: 300 }).dbsize());
    expect((error as SlotwiseError).message).toContain(node.address);
    await cluster.resume(node);
    await eventually('all answer again', async () => expect(await client.dbsize()).toBeGreaterThan(0));
  });
});
