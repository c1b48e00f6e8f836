import type { ClientEvent, ClientEvents, ClusterClient } from '../../../../src/index.js';
import { eventually } from '../../../../src/testing/index.js';

type NodeEvent = {
  [E in ClientEvent]: ClientEvents[E] extends { readonly node: string } ? E : never;
}[ClientEvent];

/** What a client says of its nodes, as `<event> <address>` in order. */
export function watchNodes(client: ClusterClient): string[] {
  const seen: string[] = [];
  const events: readonly NodeEvent[] = [
    'nodeSuspected',
    'nodeRecovered',
    'circuitOpened',
    'circuitHalfOpened',
    'circuitClosed',
    'linkClosed',
    'linkFailed',
    'linkOpened',
  ];
  for (const event of events) client.on(event, ({ node }) => seen.push(`${event} ${node}`));
  return seen;
}

/** How a client sees one of its nodes. */
export function nodeOf(
  client: ClusterClient,
  address: string,
): ReturnType<ClusterClient['snapshot']>['nodes'][number] {
  const found = client.snapshot().nodes.find((node) => node.node === address);
  if (found === undefined) throw new Error(`the client knows no node ${address}`);
  return found;
}

/** Waits until a node is a replica that is well and gets reads. A node that was away is counted anew. */
export async function readsReach(client: ClusterClient, address: string, reads = 50): Promise<void> {
  let before = Number.POSITIVE_INFINITY;
  await eventually(`reads reach ${address}`, () => {
    const { role, condition, circuit, sent } = nodeOf(client, address);
    const isWell = role === 'replica' && condition === 'well' && circuit === 'closed';
    before = isWell ? Math.min(before, sent) : Number.POSITIVE_INFINITY;
    return sent >= before + reads;
  });
}

/** What a promise is rejected with; `undefined` when it is not. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** A hash tag whose slot is served by this shard of the cluster. */
export function tagOf(
  cluster: { primaryOf(key: string): { readonly shard: number } },
  shard: number,
): string {
  for (let i = 0; i < 10_000; i++) if (cluster.primaryOf(`t${i}`).shard === shard) return `t${i}`;
  throw new Error(`no slot of shard ${shard} was found`);
}
