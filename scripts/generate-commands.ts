/**
 * Writes src/commands/table.ts from what real servers say about their commands.
 *
 *     npx tsx scripts/generate-commands.ts [--server PATH]...
 *
 * Asks every server given (by default the Redis and the Valkey that `findServer` finds) for `COMMAND`, merges the
 * replies, and completes them with the commands of `@ioredis/commands` that no server at hand has yet, so that
 * everything ioredis's types offer can be routed. The output depends on the versions of these sources only.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { LocalCluster, type LocalClusterOptions } from '../src/testing/index.js';

const TABLE_FILE = new URL('../src/commands/table.ts', import.meta.url);

/** One command or subcommand, as one source describes it. */
interface Entry {
  arity: number;
  flags: Set<string>;
  /** Key specs in the table's own notation. */
  keys: string[];
  request: string;
  response: string;
}
interface Source {
  /** `redis 7.0.15` */
  title: string;
  entries: Map<string, Entry>;
}

/** The server's `COMMAND` reply for one command: see https://redis.io/docs/latest/commands/command/ */
type CommandReply = [
  name: string,
  arity: number,
  flags: string[],
  firstKey: number,
  lastKey: number,
  step: number,
  aclCategories: string[],
  tips: string[],
  keySpecs: unknown[][],
  subcommands: CommandReply[],
];

interface KeySpecReply {
  flags: string[];
  begin_search: unknown[];
  find_keys: unknown[];
}
interface SearchReply {
  type: 'index' | 'keyword' | 'range' | 'keynum' | 'unknown';
  spec: unknown[];
}

/** Key positions of commands newer than the servers at hand, where `@ioredis/commands` says only "movable". */
const MOVABLE_KEYS: Record<string, string[]> = {
  msetex: ['1#0:1:2'],
  sdiffcard: ['1#0:1:1'],
  sunioncard: ['1#0:1:1'],
};

const { values } = parseArgs({ options: { server: { type: 'string', multiple: true } } });
const servers: LocalClusterOptions[] = values.server?.map((binary) => ({ binary })) ?? [
  { engine: 'redis' },
  { engine: 'valkey' },
];
const sources: Source[] = [];
for (const server of servers) sources.push(await askServer(server));
// Older first, so that the newest server has the last word.
sources.sort((a, b) => versionOf(a.title).localeCompare(versionOf(b.title), 'en', { numeric: true }));
const newer = ioredisCommands();

const sections = new Map<string, string[]>();
const names = new Set([...sources, newer].flatMap((source) => [...source.entries.keys()]));
for (const name of [...names].toSorted()) {
  const knowing = sources.filter((source) => source.entries.has(name));
  const title = knowing.length === 0 ? newer.title : knowing.map((source) => source.title).join(', ');
  const entries = (knowing.length === 0 ? [newer] : knowing).map((source) => source.entries.get(name)!);
  const lines = sections.get(title) ?? [];
  lines.push(line(name, merge(entries, newer.entries.get(name))));
  sections.set(title, lines);
}
writeFileSync(TABLE_FILE, render(sections));
console.log([...sections].map(([title, lines]) => `${lines.length} of ${title}`).join('\n'));

function versionOf(title: string): string {
  return title.split(' ')[1] ?? '';
}

async function askServer(options: LocalClusterOptions): Promise<Source> {
  await using server = await LocalCluster.start({
    ...options,
    mode: 'standalone',
    shards: 1,
    replicasPerShard: 0,
  });
  const { host, port } = server.nodes[0]!;
  const client = new Redis(port, host);
  const entries = new Map<string, Entry>();
  const add = (reply: CommandReply): void => {
    const [name, arity, flags, , , , , tips, keySpecs, subcommands] = reply;
    const tip = (key: string): string =>
      tips.find((text) => text.startsWith(`${key}:`))?.slice(key.length + 1) ?? '';
    entries.set(name, {
      arity,
      flags: new Set([...flags, ...tips]),
      keys: keySpecs.flatMap((spec) => keySpecText(spec)),
      request: tip('request_policy'),
      response: tip('response_policy'),
    });
    subcommands.forEach(add);
  };
  try {
    ((await client.call('command')) as CommandReply[]).forEach(add);
  } finally {
    client.disconnect();
  }
  return { title: `${server.engine} ${server.version}`, entries };
}

/** A key spec in the table's notation (see src/commands/table.ts); none when the server cannot tell it in full. */
function keySpecText(spec: unknown[]): string[] {
  const { flags, begin_search: begin, find_keys: find } = record(spec) as unknown as KeySpecReply;
  const { type: beginType, spec: beginSpec } = record(begin) as unknown as SearchReply;
  const { type: findType, spec: findSpec } = record(find) as unknown as SearchReply;
  if (beginType === 'unknown' || findType === 'unknown' || flags.includes('incomplete')) return [];
  const at = record(beginSpec) as Record<string, string | number>;
  const how = record(findSpec) as Record<string, number>;
  const beginText = beginType === 'index' ? `${at['index']}` : `${at['keyword']}@${at['startfrom']}`;
  if (findType === 'keynum') return [`${beginText}#${how['keynumidx']}:${how['firstkey']}:${how['keystep']}`];
  return [`${beginText}${rangeText([how['lastkey']!, how['keystep']!, how['limit']!])}`];
}

function rangeText(range: number[]): string {
  const text = range.join(':');
  return text === '0:1:0' ? '' : `:${text}`;
}

function record(pairs: unknown[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (let i = 0; i < pairs.length; i += 2) result[pairs[i] as string] = pairs[i + 1];
  return result;
}

/** The newest server has the last word; the loosest arity wins, so that nothing a server takes is refused. */
function merge(entries: readonly Entry[], alsoKnownAs: Entry | undefined): Entry {
  const newest = entries.at(-1)!;
  const arities = [...entries, ...(alsoKnownAs ? [alsoKnownAs] : [])].map((entry) => entry.arity);
  const least = Math.min(...arities.map(Math.abs));
  const arity = arities.every((other) => other === least) ? least : -least;
  const flags = new Set(newest.flags);
  if (entries.some((entry) => entry.flags.has('blocking'))) flags.add('blocking');
  return { ...newest, arity, flags };
}

function ioredisCommands(): Source {
  interface Description {
    arity: number;
    flags: string[];
    keyStart: number;
    keyStop: number;
    step: number;
    requestPolicy?: string;
    responsePolicy?: string;
    subcommands?: Record<string, Description>;
  }
  const requireFromIoredis = createRequire(createRequire(import.meta.url).resolve('ioredis'));
  const { version } = requireFromIoredis('@ioredis/commands/package.json') as { version: string };
  const list = requireFromIoredis('@ioredis/commands/built/commands.json') as Record<string, Description>;
  const entries = new Map<string, Entry>();
  const add = (name: string, described: Description): void => {
    const { keyStart, keyStop, step } = described;
    const range = rangeText([keyStop > 0 ? keyStop - keyStart : keyStop, step, 0]);
    const movable = MOVABLE_KEYS[name];
    entries.set(name, {
      arity: described.arity,
      flags: new Set(described.flags),
      keys: movable ?? (keyStart === 0 ? [] : [`${keyStart}${range}`]),
      request: described.requestPolicy ?? '',
      response: described.responsePolicy ?? '',
    });
    for (const [sub, description] of Object.entries(described.subcommands ?? {}))
      add(`${name}|${sub}`, description);
  };
  for (const [name, described] of Object.entries(list)) add(name, described);
  for (const [name, entry] of entries) {
    const known = sources.some((source) => source.entries.has(name));
    if (!known && entry.flags.has('movablekeys') && !MOVABLE_KEYS[name])
      throw new Error(`${name} has movable keys: say where in MOVABLE_KEYS`);
  }
  return { title: `@ioredis/commands ${version}, for servers newer than these`, entries };
}

function line(name: string, { arity, flags, keys, request, response }: Entry): string {
  const letters = [
    flags.has('readonly') ? 'r' : '',
    flags.has('write') ? 'w' : '',
    flags.has('blocking') ? 'b' : '',
    flags.has('nondeterministic_output') ? 'n' : '',
  ].join('');
  const columns = [name, arity, letters || '-', keys.join(',') || '-', request || '-', response || '-'];
  return columns.join(' ').replace(/( -)+$/, '');
}

function render(parts: ReadonlyMap<string, readonly string[]>): string {
  const texts = [...parts].map(([title, lines]) => `  // ${title}\n  \`${lines.join('\n')}\`,\n`);
  return `// Generated by scripts/generate-commands.ts from the servers' own COMMAND replies. Do not edit.

/**
 * One line per command or subcommand: name, arity, flags, key specs, request policy, response policy; \`-\` is none,
 * and none at the end of a line is left out.
 *
 * Arity counts the command's name; a negative one is a minimum. Flags: \`r\` reads only, \`w\` writes, \`b\` may block,
 * \`n\` nondeterministic output. A key spec is where to begin and what to take from there, positions counting the
 * command's name as 0: \`1\` the first argument; \`STREAMS@4\` behind that keyword, looked for from 4 on; then
 * \`:last:step:limit\` for a range or \`#count:first:step\` for counted keys; one key when neither is given.
 *
 * @see https://redis.io/docs/latest/develop/reference/key-specs/
 */
export const TABLE: readonly string[] = [
${texts.join('')}];
`;
}
