import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { medianOf } from '../report/report.js';
import type { ImportTime } from '../report/report.js';

const packageDir = fileURLToPath(new URL('../..', import.meta.url));

/** Times `import()` of each package in fresh processes, taking turns; medians of `runs`, files in the page cache. */
export async function measureImports(packageNames: readonly string[], runs: number): Promise<ImportTime[]> {
  const taken = new Map(packageNames.map((name): [string, number[]] => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const [name, times] of taken) times.push(await importOnceMs(name));
  }
  return [...taken].map(([packageName, times]) => ({ packageName, medianMs: medianOf(times) }));
}

async function importOnceMs(packageName: string): Promise<number> {
  const script = `const began = performance.now();
    await import(${JSON.stringify(packageName)});
    process.stdout.write(String(performance.now() - began), () => process.exit(0));`;
  const args = ['--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: packageDir });
  return Number(stdout);
}
