import { expect, it } from 'vitest';
import { type BreakerState, BreakerWindows, Node, openSocket } from '../../../src/node/index.js';
import { systemClock } from '../../../src/support/index.js';
import { eventually, LocalCluster, type LocalNode } from '../../../src/testing/index.js';

it('a node that lets us in and then closes has failed once more: its next rest is drawn anew', async () => {
  await using cluster = await LocalCluster.start({ shards: 1, replicasPerShard: 0, proxied: true });
  const [{ host, port, address }] = cluster.nodes as [LocalNode];
  const proxy = cluster.proxyOf(address);
  const states: BreakerState[] = [];
  let drawn = 0;
  let linksOpened = 0;
  const node = new Node(host, port, address, {
    tls: false,
    connectTimeoutMs: 2_000,
    keepAliveMs: 10_000,
    hungAfterMs: 250,
    dropAfterMs: 6_000,
    maxInFlight: 10,
    maxQueued: 10,
    reconnectBaseMs: 1,
    reconnectMaxMs: 100,
    breaker: { errorThresholdPercentage: 50, volumeThreshold: 5, rollingMs: 1_000 },
    windows: new BreakerWindows(1_000, 0),
    clientName: undefined,
    clock: systemClock,
    random: () => {
      drawn++;
      return 0.9;
    },
    getCredentials: undefined,
    openSocket: () => openSocket({ host, port, tls: undefined, lookup: undefined }),
    onLinkOpened: () => linksOpened++,
    onCircuit: (_node, state) => states.push(state),
  });
  const count = (state: BreakerState): number => states.filter((each) => each === state).length;
  proxy.cut({ afterBytes: 0, commands: ['PING'], count: Number.POSITIVE_INFINITY });
  await proxy.refuse();
  node.open();
  await eventually('it is down', () => node.circuit === 'open');
  await proxy.clear('refuse');
  await eventually('it was probed in vain', () => linksOpened >= 4);
  // One at the beginning, and one for each time it opened.
  expect(drawn).toBe(1 + count('open'));
  await proxy.clear('cut');
  await eventually('it is well', () => node.circuit === 'closed');
  expect(node.condition).toBe('well');
  const ended = node.ended();
  node.close(new Error('the end of a test') as never);
  await ended;
});
