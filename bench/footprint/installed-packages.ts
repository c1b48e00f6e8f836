import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InstalledSize } from '../report/report.js';

const rootDir = fileURLToPath(new URL('../..', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The version of a package that this project has installed, or of this project itself. */
export function installedVersion(packageName: string): string {
  return manifestOf(folderOf(packageName, rootDir)!).version;
}

/** What a package takes on disk, alone and with all it depends on (optional dependencies if installed here). */
export function installedSize(packageName: string): InstalledSize {
  const folders = new Set<string>();
  const visit = (folder: string): void => {
    if (folders.has(folder)) return;
    folders.add(folder);
    const { dependencies, optionalDependencies } = manifestOf(folder);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = folderOf(name, folder);
      if (found !== undefined) visit(found);
    }
  };
  const own = folderOf(packageName, rootDir)!;
  visit(own);
  const sizes = [...folders].map(packageBytes);
  return {
    packageName,
    ownBytes: packageBytes(own),
    totalBytes: sizes.reduce((sum, size) => sum + size, 0),
    packages: folders.size,
  };
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Where Node would find the package when `from` imports it. */
function folderOf(packageName: string, from: string): string | undefined {
  if (manifestOf(rootDir).name === packageName) return rootDir;
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', packageName);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

function packageBytes(folder: string): number {
  if (folder !== rootDir) return treeBytes(folder);
  // Of this project only what is published is installed elsewhere.
  const published = ['package.json', 'README.md', 'LICENSE', ...(manifestOf(folder).files ?? [])];
  return [...new Set(published)].reduce((sum, name) => sum + treeBytes(join(folder, name)), 0);
}

function treeBytes(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + treeBytes(join(path, name)), 0);
}
