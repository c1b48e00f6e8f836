/**
 * How long it takes until a cluster is healthy: `LocalCluster.start()` to its return, and to the return of `stop()`.
 * Prints a table for docs/testing.md. `--runs 10` sets how often each size is started.
 */
import { parseArgs } from 'node:util';
import { LocalCluster, type LocalClusterOptions } from 'slotwise/testing';

const DEFAULT_RUNS = 10;
const SIZES: ReadonlyArray<readonly [name: string, options: LocalClusterOptions]> = [
  ['1 + 1, standalone', { mode: 'standalone' }],
  ['3 + 3', {}],
  ['3 + 3, TLS', { tls: true }],
  ['20 + 20', { shards: 20 }],
];

const { values } = parseArgs({ options: { runs: { type: 'string', default: String(DEFAULT_RUNS) } } });
const runs = Number(values.runs);
if (!Number.isSafeInteger(runs) || runs < 1)
  throw new RangeError(`--runs is a whole number of at least 1, not ${values.runs}`);

function quantile(sorted: readonly number[], q: number): string {
  return `${Math.round(sorted[Math.round((sorted.length - 1) * q)] ?? Number.NaN)} ms`;
}

console.log('| nodes | start, median | fastest | slowest | stop, median |');
console.log('|---|---:|---:|---:|---:|');
for (const [name, options] of SIZES) {
  const starts: number[] = [];
  const stops: number[] = [];
  for (let run = 0; run < runs; run++) {
    const begun = performance.now();
    const cluster = await LocalCluster.start(options);
    const healthy = performance.now();
    await cluster.stop();
    starts.push(healthy - begun);
    stops.push(performance.now() - healthy);
  }
  for (const times of [starts, stops]) times.sort((a, b) => a - b);
  const cells = [quantile(starts, 0.5), quantile(starts, 0), quantile(starts, 1), quantile(stops, 0.5)];
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
