import type { ConnectionOptions } from 'node:tls';
import { Cluster, Redis } from 'ioredis';
import type { LocalCluster, LocalNode } from '../../../src/testing/index.js';

/** What a client shows to be let in. */
export interface Access {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: ConnectionOptions;
}

/** A client that has nothing in common with the harness: what it sees is true. Closed with `disconnect()`. */
export function connectTo(node: LocalNode, options: Access = {}): Redis {
  const redis = new Redis({ ...options, port: node.port, host: node.host, retryStrategy: () => null });
  // A refused connection shows in the commands; without a listener it would show on the console as well.
  redis.on('error', () => undefined);
  return redis;
}

export function connectToCluster(cluster: LocalCluster): Cluster {
  const seeds = cluster.nodes.map(({ host, port }) => ({ host, port }));
  return new Cluster(seeds, { redisOptions: { maxRetriesPerRequest: 20 }, maxRedirections: 30 });
}

/** Runs one command on one node. */
export async function ask(
  node: LocalNode,
  command: readonly [string, ...Array<string | number>],
  options: Access = {},
): Promise<unknown> {
  const redis = connectTo(node, options);
  try {
    const [name, ...args] = command;
    return await redis.call(name, ...args);
  } finally {
    redis.disconnect();
  }
}

/** Role, primary and shard as a line each, to compare states of a cluster. */
export function roles(cluster: LocalCluster): string[] {
  return cluster.nodes.map(({ shard, role, state }) => `${shard} ${role} ${state}`);
}
