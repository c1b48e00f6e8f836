import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HarnessError, messageOf } from '../harness-error.js';
import { installAdvice } from './advice.js';
import { aptMissing, downloadAndUnpack } from './apt-download.js';
import {
  cacheFolder,
  findServer,
  libraryEnv,
  probe,
  programOf,
  type ServerBinary,
  unpackedFolder,
} from './find-server.js';
import type { Engine } from './version.js';

/** What became of one engine. */
export type EnsuredServer =
  | { readonly engine: Engine; readonly server: ServerBinary }
  | { readonly engine: Engine; readonly missing: string };

/**
 * Sees to it that a server of each engine is on this machine: takes what {@link findServer} finds; else, where there
 * is apt, downloads the distribution's packages and unpacks them into the cache folder. Never needs root, never
 * installs anything into the system, never starts a service. Can run any number of times, also at the same time.
 *
 * @param report - gets a line about each step
 * @returns one entry for each engine; an engine that cannot be had is told, not thrown
 */
export async function ensureServers(report: (line: string) => void): Promise<EnsuredServer[]> {
  const results: EnsuredServer[] = [];
  for (const engine of ['redis', 'valkey'] as const) {
    results.push(await ensure(engine, (line) => report(`${engine}: ${line}`)));
  }
  return results;
}

async function ensure(engine: Engine, report: (line: string) => void): Promise<EnsuredServer> {
  try {
    return { engine, server: await findServer({ engine }) };
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
  }
  const noApt = await aptMissing();
  if (noApt !== undefined) return { engine, missing: `${noApt}. ${installAdvice([engine])}` };
  try {
    await unpack(engine, report);
    return { engine, server: await findServer({ engine }) };
  } catch (error) {
    const reason = `${messageOf(error)}\nIs this machine offline, or has its release no such package?`;
    return { engine, missing: `${reason} ${installAdvice([engine])}` };
  }
}

/** In Debian the program stands in the `-tools` package, which `-server` needs. */
async function unpack(engine: Engine, report: (line: string) => void): Promise<void> {
  const cache = cacheFolder();
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'unpacking-'));
  try {
    const root = join(work, 'root');
    await downloadAndUnpack([`${engine}-server`, `${engine}-tools`], root, work, report);
    const version = await probe(join(root, 'usr/bin', programOf(engine)), await libraryEnv(root));
    // All at once: whoever looks into the cache finds either nothing or a server that works.
    await moveInto(root, unpackedFolder(cache, engine));
    report(`${version.version} unpacked into ${unpackedFolder(cache, engine)}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Where another run was quicker, its result stays. */
async function moveInto(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}
