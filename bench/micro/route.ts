import { type Candidate, type ReadPolicyName, RouteTable } from '../../src/routing/index.js';
import {
  buildTopology,
  formatAddress,
  type NodeView,
  SLOT_COUNT,
  type TopologyView,
} from '../../src/topology/index.js';
import { bestNanoseconds, type Row } from '../timing.js';

const SHARDS = 500;
const REPLICAS = 2;
const PLANS = 4_096;
/** What a plan may cost at most, in nanoseconds. */
const MAX_NS_PER_PLAN = 150;

function table(): RouteTable<string> {
  const node = (shard: number, index: number): NodeView => {
    const host = `10.${shard >> 8}.${shard & 255}.${index}`;
    return { host, port: 6379, address: formatAddress(host, 6379), health: 'online', metadata: {} };
  };
  const view: TopologyView = {
    source: 'CLUSTER SHARDS',
    mode: 'cluster',
    unusable: [],
    shards: Array.from({ length: SHARDS }, (_, shard) => ({
      slots: [
        {
          first: Math.floor((shard * SLOT_COUNT) / SHARDS),
          last: Math.floor(((shard + 1) * SLOT_COUNT) / SHARDS) - 1,
        },
      ],
      primary: node(shard, 0),
      replicas: Array.from({ length: REPLICAS }, (_each, i) => node(shard, i + 1)),
    })),
  };
  return new RouteTable(buildTopology(view), (each) => each.address);
}

const isOnline = ({ node }: Candidate<string>): boolean => node.health === 'online';

/** The plan of a route: from a slot to the node that is asked, over 500 shards of three nodes. */
export function run(): readonly Row[] {
  const routes = table();
  const slots = Array.from({ length: PLANS }, (_, i) => (i * 7_919) % SLOT_COUNT);
  const read = (policy: ReadPolicyName) => (): number => {
    let found = 0;
    for (let i = 0; i < slots.length; i++) {
      if (routes.readerOf(slots[i]!, policy, i, isOnline, isOnline) !== undefined) found++;
    }
    return found;
  };
  const write = (): number => {
    let found = 0;
    for (const slot of slots) if (routes.primaryOf(slot) !== undefined) found++;
    return found;
  };
  const rows: ReadonlyArray<readonly [string, () => number]> = [
    ['plan of a write, 500 shards', write],
    ['plan of a read, preferReplica, 500 shards', read('preferReplica')],
    ['plan of a read, replica, 500 shards', read('replica')],
  ];
  return rows.map(([name, work]) => {
    if (work() !== slots.length) throw new Error(`${name}: a plan found no node`);
    return { name, value: bestNanoseconds(work, slots.length), unit: 'ns', limit: MAX_NS_PER_PLAN };
  });
}
