import { expect, it, onTestFailed } from 'vitest';
import { createClient } from '../../../src/index.js';
import { eventually, LocalCluster } from '../../../src/testing/index.js';
import { connectTo } from '../testing/connect.js';
import { Load, workOn } from './support/load.js';
import { failureOf, nodeOf, watchNodes } from './support/watch.js';

/** How long a script may run before its node says so. Longer than `links.hungAfterMs`: until then it is suspect. */
const BUSY_AFTER_MS = 1_000;

it('a node that a script keeps busy is told from a hung one: reads go elsewhere, the rest waits, its link stays', async () => {
  // The threshold's older name, which every version knows.
  await using cluster = await LocalCluster.start({
    shards: 1,
    replicasPerShard: 1,
    nodeTimeoutMs: 20_000,
    config: { 'lua-time-limit': String(BUSY_AFTER_MS) },
  });
  const busy = cluster.primaryOf(0);
  await using client = await createClient({
    seeds: cluster.seeds,
    readFrom: 'preferReplica',
    commands: { timeoutMs: 10_000 },
    links: { dropAfterMs: 2 * BUSY_AFTER_MS },
  });
  const seen = watchNodes(client);
  const outcomes = new Set<string>();
  client.on('commandRetried', ({ attempt }) => outcomes.add(attempt.outcome));
  onTestFailed(() => console.log(JSON.stringify(client.snapshot(), null, 1), seen));
  const load = new Load([
    ...workOn(client, 'of the shard', 'a'),
    { name: 'GET primary', run: () => client.with({ readFrom: 'primary' }).get('a') },
  ]);
  // Opened before: a busy node refuses what ioredis asks a new connection.
  const admin = connectTo(busy);
  const runner = connectTo(busy);
  try {
    await Promise.all([admin.ping(), runner.ping()]);
    await load.goesOn(['GET', 'SET', 'INCR']);
    const script = failureOf(runner.eval('while true do end', 0));
    await eventually('it is suspect', () => nodeOf(client, busy.address).condition === 'suspect');
    await load.goesOn(['GET of the shard']);
    await eventually('it says that it is busy', () => outcomes.has('BUSY'));
    const writes = load.count('SET');
    await load.goesOn(['GET of the shard'], 200);
    expect(load.count('SET')).toBe(writes);
    expect(await admin.script('KILL')).toBe('OK');
    expect(String(await script)).toMatch(/script|SCRIPT/);
    await load.goesOn(['GET of the shard', 'GET primary', 'SET', 'INCR']);
    await eventually('it is well', () => nodeOf(client, busy.address).condition === 'well');
  } finally {
    await load.stop();
    admin.disconnect();
    runner.disconnect();
  }
  expect(load.failures).toEqual([]);
  expect(seen).toContain(`nodeSuspected ${busy.address}`);
  expect(seen.filter((event) => /^(linkClosed|circuitOpened)/.test(event))).toEqual([]);
  expect(Number(await client.with({ readFrom: 'primary' }).get('{a}counter'))).toBe(load.count('INCR'));
});
