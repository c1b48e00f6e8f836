import { execFile } from 'node:child_process';
import { access, constants, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { HarnessError, messageOf } from '../harness-error.js';
import { installAdvice } from './advice.js';
import { type Engine, isAtLeast, MIN_REDIS_VERSION, parseVersion, type ServerVersion } from './version.js';

/** A server program on this machine. */
export interface ServerBinary extends ServerVersion {
  readonly path: string;
  /** What must be added to the environment to run it: libraries that were unpacked next to it. */
  readonly env: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where to look for a server. */
export interface FindServerOptions {
  /** `auto` takes Redis, or Valkey where there is no Redis. @defaultValue `'auto'` */
  readonly engine?: Engine | 'auto';
  /** Path of the program; nothing else is looked at then. */
  readonly binary?: string;
  /** The environment. @defaultValue `process.env` */
  readonly env?: Environment;
}

const run = promisify(execFile);
const VERSION_TIMEOUT_MS = 10_000;

/**
 * Finds a server program: `binary`; else the file named by the environment variable `SLOTWISE_SERVER`, if it is the
 * engine asked for; else `redis-server` or `valkey-server` on the `PATH`; else what was unpacked into the cache folder
 * (`SLOTWISE_CACHE`, or `slotwise` in the user's cache folder). It installs nothing.
 *
 * @throws {@link HarnessError} when there is none, or the one named is of no use; says what to do
 * @public
 */
export async function findServer(options: FindServerOptions = {}): Promise<ServerBinary> {
  const { engine = 'auto', binary, env = process.env } = options;
  if (binary !== undefined) return named(binary, 'the option `binary`', engine);
  const chosen = env['SLOTWISE_SERVER'];
  if (chosen) {
    const server = await probe(chosen, {}, 'SLOTWISE_SERVER');
    if (engine === 'auto' || server.engine === engine) return server;
  }
  const engines: readonly Engine[] = engine === 'auto' ? ['redis', 'valkey'] : [engine];
  const refusals: string[] = [];
  for (const { path, libraries } of await candidates(engines, env)) {
    try {
      return await probe(path, libraries);
    } catch (error) {
      refusals.push(`\n  ${messageOf(error)}`);
    }
  }
  const what = `No ${engines.join(' or ')} server was found on this machine`;
  throw new HarnessError(`${what}.${refusals.join('')}\n${installAdvice(engines)}`);
}

async function named(path: string, origin: string, engine: Engine | 'auto'): Promise<ServerBinary> {
  const server = await probe(path, {}, origin);
  if (engine === 'auto' || server.engine === engine) return server;
  throw new HarnessError(`${path} (${origin}) is ${server.engine} ${server.version}, not ${engine}`);
}

/** `SLOTWISE_CACHE`, or `slotwise` in the user's cache folder: where servers lie that were unpacked for Slotwise. */
export function cacheFolder(env: Environment = process.env): string {
  const own = env['SLOTWISE_CACHE'];
  if (own) return own;
  const shared = env['XDG_CACHE_HOME'];
  return join(shared && isAbsolute(shared) ? shared : join(env['HOME'] ?? homedir(), '.cache'), 'slotwise');
}

/** Name of an engine's program. */
export function programOf(engine: Engine): string {
  return `${engine}-server`;
}

/** Folder below {@link cacheFolder} that an engine's packages are unpacked into. */
export function unpackedFolder(cache: string, engine: Engine): string {
  return join(cache, `${engine}-${process.arch}`);
}

interface Candidate {
  readonly path: string;
  readonly libraries: Readonly<Record<string, string>>;
}

/** Programs that exist, in the order of preference. */
async function candidates(engines: readonly Engine[], env: Environment): Promise<Candidate[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const found: Candidate[] = [];
  for (const engine of engines) {
    const program = programOf(engine);
    const root = unpackedFolder(cacheFolder(env), engine);
    const onPath = folders.map((folder) => ({ path: join(folder, program), libraries: {} }));
    const unpacked = { path: join(root, 'usr/bin', program), libraries: await libraryEnv(root) };
    for (const each of [...onPath, unpacked]) if (await isProgram(each.path)) found.push(each);
  }
  return found;
}

/** `LD_LIBRARY_PATH` for the libraries that were unpacked below `root`, if any. */
export async function libraryEnv(root: string): Promise<Record<string, string>> {
  const folders: string[] = [];
  for (const base of [join(root, 'usr/lib'), join(root, 'lib')]) {
    const entries = await readdir(base).catch(() => [] as string[]);
    folders.push(...entries.filter((name) => name.includes('-linux-gnu')).map((name) => join(base, name)));
  }
  return folders.length === 0 ? {} : { LD_LIBRARY_PATH: folders.join(delimiter) };
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Whatever the reason, it is no program that we could run; the caller reports that none was found.
    return false;
  }
}

/**
 * Runs a program's `--version`.
 * @param origin - who named the program, for the error
 * @throws {@link HarnessError} when it cannot be run, or is no server of a version that will do
 */
export async function probe(
  path: string,
  libraries: Readonly<Record<string, string>>,
  origin = 'found on this machine',
): Promise<ServerBinary> {
  let output: string;
  try {
    const options = { timeout: VERSION_TIMEOUT_MS, env: { ...process.env, ...libraries } };
    output = (await run(path, ['--version'], options)).stdout;
  } catch (error) {
    throw new HarnessError(`${path} (${origin}) cannot be run: ${messageOf(error).trim()}`, { cause: error });
  }
  const found = parseVersion(output);
  if (!found) {
    throw new HarnessError(
      `${path} (${origin}) is neither a Redis nor a Valkey server; it says: ${output.trim()}`,
    );
  }
  if (found.engine === 'redis' && !isAtLeast(found.version, MIN_REDIS_VERSION)) {
    throw new HarnessError(
      `${path} (${origin}) is Redis ${found.version}; at least ${MIN_REDIS_VERSION} is needed`,
    );
  }
  return { ...found, path, env: libraries };
}
