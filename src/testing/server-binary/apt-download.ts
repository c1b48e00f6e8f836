import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HarnessError, messageOf } from '../harness-error.js';
import { type AptSource, backportsSource, parseAptSources } from './apt-sources.js';

/** Why apt cannot be used, or undefined when it can. */
export async function aptMissing(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'only Linux has apt';
  for (const program of ['apt-get', 'dpkg-deb']) {
    try {
      await run(program, ['--version'], { timeout: STEP_TIMEOUT_MS });
    } catch {
      // Whatever keeps it from running, it is of no use here.
      return `${program} is not usable on this machine`;
    }
  }
  return undefined;
}

const run = promisify(execFile);
const APT_FOLDER = '/etc/apt';
/** Bound for each of: reading the lists, choosing the packages, loading them, unpacking one. */
const STEP_TIMEOUT_MS = 120_000;
const HTTP_TIMEOUT_SECONDS = 15;
const MAX_REASON_LINES = 6;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * Downloads a package with all that it needs and this machine lacks, and unpacks everything below `root`. Works with
 * folders of its own throughout: needs no root, installs nothing, starts no service, and leaves apt's state alone.
 *
 * @param work - an empty folder for apt's lists and packages
 * @throws {@link HarnessError} with apt's last words when a step fails
 */
export async function downloadAndUnpack(
  packages: readonly string[],
  root: string,
  work: string,
  report: (line: string) => void,
): Promise<void> {
  const apt = await privateApt(work);
  report("reading the package lists of this machine's mirror");
  await apt('update', '-qq');
  const missing = await missingPackages(apt, packages);
  report(`downloading ${missing.join(', ')}`);
  await apt('download', ...missing);
  await mkdir(root, { recursive: true });
  const files = (await readdir(work)).filter((name) => name.endsWith('.deb'));
  for (const name of files)
    await run('dpkg-deb', ['-x', join(work, name), root], { timeout: STEP_TIMEOUT_MS });
}

type Apt = (...args: string[]) => Promise<string>;

/** `apt-get` with the machine's sources, and its backports besides, but with folders of its own. */
async function privateApt(work: string): Promise<Apt> {
  const parts = join(work, 'sources.list.d');
  for (const folder of [parts, join(work, 'lists/partial'), join(work, 'cache/archives/partial')]) {
    await mkdir(folder, { recursive: true });
  }
  await copySources(parts);
  const settings = [
    `Dir::Etc::sourceparts=${parts}`,
    `Dir::State::lists=${join(work, 'lists')}`,
    `Dir::Cache=${join(work, 'cache')}`,
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=1',
    `Acquire::http::Timeout=${HTTP_TIMEOUT_SECONDS}`,
    `Acquire::https::Timeout=${HTTP_TIMEOUT_SECONDS}`,
  ];
  const options = settings.flatMap((setting) => ['-o', setting]);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  return async (...args) => {
    const limits = { timeout: STEP_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
    try {
      return (await run('apt-get', [...options, ...args], { cwd: work, env, ...limits })).stdout;
    } catch (error) {
      throw new HarnessError(`apt-get ${args[0]} failed: ${lastWords(error)}`, { cause: error });
    }
  };
}

/** Enough of what a program complained of to know why, without all that it had said before. */
function lastWords(error: unknown): string {
  const { stderr } = error as { readonly stderr?: string };
  const lines = (stderr || messageOf(error)).trim().split('\n');
  return lines.slice(-MAX_REASON_LINES).join('\n  ');
}

async function copySources(parts: string): Promise<void> {
  const sources: AptSource[] = [];
  const take = async (path: string, name: string): Promise<void> => {
    sources.push(...parseAptSources(name, await readFile(path, 'utf8')));
  };
  const entries = await readdir(APT_FOLDER, { recursive: true });
  if (entries.includes('sources.list')) await take(join(APT_FOLDER, 'sources.list'), 'sources.list');
  for (const entry of entries.filter((each) => /^sources\.list\.d\/[^/]+\.(list|sources)$/.test(each))) {
    const name = entry.slice('sources.list.d/'.length);
    await take(join(APT_FOLDER, entry), name);
    await copyFile(join(APT_FOLDER, entry), join(parts, name));
  }
  const codename = await debianCodename();
  const backports = codename === undefined ? undefined : backportsSource(sources, codename);
  if (backports !== undefined) await writeFile(join(parts, 'slotwise-backports.sources'), backports);
}

/** Undefined on anything but Debian: others have their own ways with newer packages. */
async function debianCodename(): Promise<string | undefined> {
  const release = await readFile('/etc/os-release', 'utf8');
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(release)?.[1];
  return field('ID') === 'debian' ? field('VERSION_CODENAME') : undefined;
}

/** The packages themselves, and what they depend on as far as it is not installed: what apt would install. */
async function missingPackages(apt: Apt, packages: readonly string[]): Promise<string[]> {
  const plan = await apt('install', '--simulate', '--no-install-recommends', ...packages);
  const planned = Array.from(plan.matchAll(/^Inst (\S+)/gm), ([, name = '']) => name);
  return [...new Set([...packages, ...planned])];
}
