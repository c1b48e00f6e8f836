/**
 * Adds to package-lock.json the packages of other platforms that npm left out because the registry at hand did not
 * have them. Without them `npm ci` refuses the lock, although it would never fetch them on this platform.
 * `--check` adds nothing and ends with exit code 1 when some are missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const LOCK = 'package-lock.json';
const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];
const LIBRARIES: Readonly<Record<string, string>> = {
  gnu: 'glibc',
  gnueabihf: 'glibc',
  musl: 'musl',
  musleabihf: 'musl',
};

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  packages: Record<string, LockedPackage>;
}

/** What a package named after a platform (`@oxlint/binding-linux-x64-musl`) says of itself. */
function lockedFromName(name: string, version: string, dev: boolean | undefined): LockedPackage {
  const words = name.split(/[/-]/);
  const os = words.find((word) => SYSTEMS.includes(word));
  const cpu = words.find((word) => PROCESSORS.includes(word));
  const library = LIBRARIES[words.at(-1) ?? ''];
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`${name}@${version} is missing from ${LOCK}, and its name does not tell its platform`);
  }
  return {
    version,
    cpu: [cpu],
    ...(dev === true && { dev }),
    ...(os === 'linux' && library !== undefined && { libc: [library] }),
    optional: true,
    os: [os],
  };
}

const lock = JSON.parse(readFileSync(LOCK, 'utf8')) as Lock;
const missing = new Map<string, LockedPackage>();
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const places = [`node_modules/${name}`, `${path}/node_modules/${name}`];
    if (places.some((place) => place in lock.packages)) continue;
    missing.set(`node_modules/${name}`, lockedFromName(name, version, dev));
  }
}

if (process.argv.includes('--check')) {
  for (const path of missing.keys()) console.error(`${LOCK} lacks ${path}`);
  if (missing.size > 0) console.error('Run: npx tsx scripts/complete-lock.ts');
  process.exitCode = missing.size === 0 ? 0 : 1;
} else if (missing.size > 0) {
  const byPath = [...Object.entries(lock.packages), ...missing];
  lock.packages = Object.fromEntries(byPath.toSorted(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing.size} packages added to ${LOCK}`);
}
