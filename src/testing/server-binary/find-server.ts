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

/** Where to look for a server. */
export interface FindServerOptions {
  /** `auto` takes Redis, or Valkey where there is no Redis. @defaultValue `'auto'` */
  readonly engine?: Engine | 'auto';
  /** Path of the program; nothing else is looked at then. */
  readonly binary?: string;
  /** The environment. @defaultValue `process.env` */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const run = promisify(execFile);
const VERSION_TIMEOUT_MS = 10_000;

/**
 * Finds a server program: `binary`; else the file named by the environment variable `SLOTWISE_SERVER`; else
 * `redis-server` or `valkey-server` on the `PATH`; else in the cache folder (see {@link cacheFolder}). It installs
 * nothing.
 *
 * @throws {@link HarnessError} when there is none, or the one named is not the engine asked for; says what to do
 * @public
 */
export async function findServer(options: FindServerOptions = {}): Promise<ServerBinary> {
  const { engine = 'auto', binary, env = process.env } = options;
  const named = binary ?? env['SLOTWISE_SERVER'];
  if (named !== undefined && named !== '') {
    const origin = binary === undefined ? 'SLOTWISE_SERVER' : 'The option `binary`';
    return accept(named, origin, engine);
  }
  const engines: readonly Engine[] = engine === 'auto' ? ['redis', 'valkey'] : [engine];
  const refusals: string[] = [];
  for (const each of engines) {
    for (const candidate of await candidates(each, env)) {
      try {
        return await accept(candidate.path, candidate.path, each, candidate.env);
      } catch (error) {
        refusals.push(messageOf(error));
      }
    }
  }
  const reasons = refusals.map((refusal) => `\n  ${refusal}`).join('');
  throw new HarnessError(
    `No ${engines.join(' or ')} server was found on this machine.${reasons}\n${installAdvice(engines)}`,
  );
}

/** `SLOTWISE_CACHE`, or `slotwise` in the user's cache folder: where servers lie that were unpacked for Slotwise. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const own = env['SLOTWISE_CACHE'];
  if (own) return own;
  const shared = env['XDG_CACHE_HOME'];
  const home = env['HOME'] ?? homedir();
  return join(shared && isAbsolute(shared) ? shared : join(home, '.cache'), 'slotwise');
}

/** Name of an engine's program. */
export function programOf(engine: Engine): string {
  return `${engine}-server`;
}

/** Folder below {@link cacheFolder} that an engine's packages are unpacked into. */
export function unpackedFolder(cache: string, engine: Engine): string {
  return join(cache, `${engine}-${process.arch}`);
}

type Candidate = Pick<ServerBinary, 'path' | 'env'>;

async function candidates(
  engine: Engine,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Candidate[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const onPath = folders.map((folder) => ({ path: join(folder, programOf(engine)), env: {} }));
  const root = unpackedFolder(cacheFolder(env), engine);
  const unpacked = { path: join(root, 'usr/bin', programOf(engine)), env: await libraryEnv(root) };
  const usable = await Promise.all(
    [...onPath, unpacked].map(async (each) => ((await isProgram(each.path)) ? [each] : [])),
  );
  return usable.flat();
}

/** `LD_LIBRARY_PATH` for the libraries that were unpacked below `root`, if any. */
export async function libraryEnv(root: string): Promise<Record<string, string>> {
  const folders: string[] = [];
  for (const base of [join(root, 'usr/lib'), join(root, 'lib')]) {
    const entries = await readdir(base).catch(() => [] as string[]);
    folders.push(...entries.filter((name) => name.endsWith('-linux-gnu')).map((name) => join(base, name)));
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

/** Runs `--version`, and refuses what is not the engine asked for. */
async function accept(
  path: string,
  origin: string,
  engine: Engine | 'auto',
  env: Readonly<Record<string, string>> = {},
): Promise<ServerBinary> {
  let output: string;
  try {
    const options = { timeout: VERSION_TIMEOUT_MS, env: { ...process.env, ...env } };
    output = (await run(path, ['--version'], options)).stdout;
  } catch (error) {
    throw new HarnessError(`${origin}: \`${path} --version\` failed: ${messageOf(error)}`, { cause: error });
  }
  const found = parseVersion(output);
  if (!found) {
    throw new HarnessError(
      `${origin}: ${path} is neither a Redis nor a Valkey server: it calls itself ${output.trim()}`,
    );
  }
  if (engine !== 'auto' && found.engine !== engine) {
    throw new HarnessError(
      `${origin}: ${path} is ${found.engine} ${found.version}, but the engine asked for is ${engine}`,
    );
  }
  if (found.engine === 'redis' && !isAtLeast(found.version, MIN_REDIS_VERSION)) {
    throw new HarnessError(
      `${origin}: ${path} is Redis ${found.version}; at least ${MIN_REDIS_VERSION} is needed`,
    );
  }
  return { ...found, path, env };
}
