/**
 * Sees to it that the servers for tests, demo and benchmarks are on this machine. Exit code 0 when there is at least
 * one; what could not be had is said, and the tests that need it are skipped.
 */
import { ensureServers } from '../src/testing/server-binary/index.js';

const ensured = await ensureServers((line) => console.log(line));
for (const each of ensured) {
  if ('server' in each) console.log(`${each.engine}: ${each.server.version} at ${each.server.path}`);
  else console.log(`${each.engine}: not available, what needs it is skipped. ${each.missing}`);
}
if (ensured.every((each) => !('server' in each))) {
  console.error('There is no server at all: tests, demo and benchmarks need one.');
  process.exitCode = 1;
}
