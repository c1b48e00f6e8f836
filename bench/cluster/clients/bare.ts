import { BareLink, encode } from './bare-link.js';
import type { BenchClient, ConnectTarget } from './bench-client.js';
import { getEach, setEach } from './one-by-one.js';

/** The limit: what the sockets and the event loop allow when a client does next to nothing. */
export async function connect(target: ConnectTarget): Promise<BenchClient> {
  const links = new Map<string, BareLink>();
  for (const { host, port } of target.seeds) links.set(`${host}:${port}`, await BareLink.open(host, port));
  const owner = await ownersOf(target.keys, links);
  const client: BenchClient = {
    get: (key) => owner.get(key)!.send(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`),
    set: (key, value) =>
      owner.get(key)!.send(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`),
    mget: (keys) => getEach(client, keys),
    mset: (keys, values) => setEach(client, keys, values),
    async close() {
      for (const link of links.values()) link.close();
    },
  };
  return client;
}

/** Asks one node for every key: it has the key itself or says `MOVED <slot> <address>`. */
async function ownersOf(
  keys: readonly string[],
  links: ReadonlyMap<string, BareLink>,
): Promise<Map<string, BareLink>> {
  const [asked] = links.values();
  const owners = new Map<string, BareLink>();
  const find = async (key: string): Promise<void> => {
    try {
      await asked!.send(encode('EXISTS', key));
      owners.set(key, asked!);
    } catch (error) {
      const address = /^MOVED \d+ (\S+)$/.exec((error as Error).message)?.[1];
      const link = address === undefined ? undefined : links.get(address);
      if (link === undefined) throw error;
      owners.set(key, link);
    }
  };
  await Promise.all(keys.map(find));
  return owners;
}
