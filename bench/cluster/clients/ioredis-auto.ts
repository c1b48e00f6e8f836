import type { BenchClient, ConnectTarget } from './bench-client.js';
import { connectCluster } from './ioredis.js';

export function connect(target: ConnectTarget): Promise<BenchClient> {
  return connectCluster(target, { enableAutoPipelining: true });
}
