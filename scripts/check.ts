/**
 * Runs every `check:*` script of package.json, one after the other, and says at the end which failed.
 * Names as arguments narrow the run: `npm run check -- lint types`. Exit code 1 when any failed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const PREFIX = 'check:';
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
const known = Object.keys(scripts)
  .filter((name) => name.startsWith(PREFIX))
  .map((name) => name.slice(PREFIX.length));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`No such check: ${unknown.join(', ')}. There are: ${known.join(', ')}`);
  process.exit(2);
}

const failed: string[] = [];
for (const name of asked.length === 0 ? known : asked) {
  const startMs = performance.now();
  const run = spawnSync('npm', ['run', '--silent', PREFIX + name], { encoding: 'utf8' });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  if (run.error) throw run.error;
  console.log(`${run.status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (run.status === 0) continue;
  failed.push(name);
  console.log(run.stdout + run.stderr);
}
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}`);
  process.exit(1);
}
