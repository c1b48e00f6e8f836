/**
 * The test command: sees to the servers, builds, runs every test, and prints as its last line
 * `N passed, N failed, N skipped`. Exit code 0 only when at least one test passed and none failed.
 * Arguments go to Vitest; with arguments naming files the counts are of those files.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';

const REPORT = '.cache/test-report.json';

/** The part of Vitest's JSON report that counts. */
interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: ReadonlyArray<{ readonly status: string }>;
  }>;
}

function run(command: string, args: readonly string[]): number {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) throw error;
  return status ?? 1;
}

function count(report: Report): { passed: number; failed: number; skipped: number } {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults) {
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
    // A file that breaks while it is loaded, or in a hook, has no failed test of its own.
    const hasFailedTest = file.assertionResults.some(({ status }) => status === 'failed');
    if (file.status === 'failed' && !hasFailedTest) counts.failed += 1;
  }
  return counts;
}

// A failed preparation counts as a failure, and does not hide what the tests that can run have to say.
const unprepared = ['ensure-servers', 'build'].filter(
  (script) => run('npm', ['run', '--silent', script]) !== 0,
);

mkdirSync('.cache', { recursive: true });
rmSync(REPORT, { force: true });
const exitCode = run('npx', [
  'vitest',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${REPORT}`,
  ...process.argv.slice(2),
]);

const report: Report = existsSync(REPORT) ? JSON.parse(readFileSync(REPORT, 'utf8')) : { testResults: [] };
const counts = count(report);
for (const script of unprepared) console.error(`\`npm run ${script}\` failed: see above`);
counts.failed += unprepared.length;
if (exitCode !== 0 && counts.failed === 0) {
  // An error outside of any test, such as an unhandled rejection, must not look like a success.
  console.error(`Vitest ended with exit code ${exitCode} although no test failed: see above`);
  counts.failed = 1;
}
if (counts.passed === 0) console.error('No test passed');
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
