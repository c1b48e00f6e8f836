import { setTimeout as pause } from 'node:timers/promises';
import type { ClusterClient } from '../../../../src/index.js';
import type { Random } from '../../../../src/support/index.js';
import { type Engine, eventually, type LocalCluster, type LocalNode } from '../../../../src/testing/index.js';
import { oneOf } from '../draw.js';
import type { Tolerance } from '../invariants.js';
import type { NameService } from '../name-service.js';

/** What a fault works on. */
export interface Scene {
  readonly cluster: LocalCluster;
  readonly client: ClusterClient;
  /** How the client resolves host names. */
  readonly names: NameService;
  /** Decides whom the fault meets and how; repeats with the seed. */
  readonly random: Random;
  /** Ends the round early. */
  readonly signal: AbortSignal;
  /** Tells what was drawn: part of the line about this fault. */
  say(detail: string): void;
}

/** One thing that can happen to servers. */
export interface Fault extends Tolerance {
  readonly name: string;
  /** One line of what happens. */
  readonly summary: string;
  /** `proxies`: one before every node. `names`: nodes that are known by a host name, not by their addresses. */
  readonly needs: 'servers' | 'proxies' | 'names';
  /**
   * Engines whose replicas answer for keys that they do not have: when restarted, until they have their copy; and in
   * Redis while their shard gives slots away, since only the primary knows what has left (Valkey tells its replicas).
   */
  readonly replicasMayMiss: readonly Engine[];
  /** Lets it happen, and undoes it; resolves when the servers are well again. */
  inflict(scene: Scene): Promise<void>;
}

/** No call fails and no acknowledged write is lost. */
export const HARMLESS: Tolerance = { mayFail: false, mayLose: false, mayDelay: false };
/** Calls may fail, but what was acknowledged stays: no primary is replaced behind its back. */
export const FAILING: Tolerance = { mayFail: true, mayLose: false, mayDelay: false };
/** What was sent may lie about on the way for long, and arrive when everybody has forgotten it. */
export const DELAYING: Tolerance = { mayFail: true, mayLose: false, mayDelay: true };
/** Calls may fail, and a new primary may lack what the old one had acknowledged shortly before. */
export const LOSSY: Tolerance = { mayFail: true, mayLose: true, mayDelay: true };

/** What is not said of a fault is the common case. */
export function fault(
  name: string,
  summary: string,
  tolerance: Tolerance,
  inflict: Fault['inflict'],
  special: Partial<Pick<Fault, 'needs' | 'replicasMayMiss'>> = {},
): Fault {
  return { name, summary, ...tolerance, needs: 'servers', replicasMayMiss: [], ...special, inflict };
}

export function anyPrimary({ cluster, random, say }: Scene): LocalNode {
  return chosen(random, cluster, 'primary', say);
}

export function anyReplica({ cluster, random, say }: Scene): LocalNode {
  return chosen(random, cluster, 'replica', say);
}

function chosen(
  random: Random,
  cluster: LocalCluster,
  role: LocalNode['role'],
  say: Scene['say'],
): LocalNode {
  // By shard, so that the draw does not depend on the roles that earlier faults left behind.
  const shard = oneOf(random, cluster.shards);
  const nodes = cluster.nodes.filter((node) => node.shard === shard && node.role === role);
  const node = oneOf(random, nodes);
  say(`${node.address} of shard ${shard}`);
  return node;
}

/** How long a fault lasts is part of it. */
export async function lasting(ms: number, { signal, say }: Scene): Promise<void> {
  say(`for ${ms} ms`);
  await pause(ms, undefined, { signal });
}

/** As an operator would wait before the next step. */
export async function clientKnows({ client, cluster }: Scene): Promise<void> {
  await eventually('the client knows every primary', () => {
    // By their ports alone: hosts may be known by a name.
    const known = new Set(client.topology.shards.map(({ primary }) => primary?.port));
    return cluster.nodes.every(({ role, port }) => role === 'replica' || known.has(port));
  });
}
