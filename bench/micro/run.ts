import { readdirSync } from 'node:fs';
import type { Row } from '../timing.js';

/** What every other file of this folder exports. */
interface MicroBenchmark {
  readonly run: () => readonly Row[] | Promise<readonly Row[]>;
}

const files = readdirSync(new URL('.', import.meta.url)).filter(
  (file) => file.endsWith('.ts') && file !== 'run.ts',
);

let exceeded = 0;
for (const file of files.toSorted()) {
  const { run } = (await import(new URL(file, import.meta.url).href)) as MicroBenchmark;
  console.log(file.replace(/\.ts$/, ''));
  for (const { name, value, unit, limit } of await run()) {
    const within = limit === undefined || value <= limit;
    const bound = limit === undefined ? '' : `limit ${limit} ${unit}: ${within ? 'pass' : 'FAIL'}`;
    console.log(
      `  ${name.padEnd(56)} ${value.toFixed(value < 100 ? 2 : 0).padStart(10)} ${unit.padEnd(4)} ${bound}`.trimEnd(),
    );
    if (!within) exceeded++;
  }
}
if (exceeded > 0) {
  console.error(`${exceeded} of the figures above exceed their limit`);
  process.exitCode = 1;
}
