import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startProgram } from './run-program.js';

const FOLDER = new URL('../../examples/', import.meta.url);

/** What each example must have shown. */
const FACTS: Readonly<Record<string, readonly RegExp[]>> = {
  '01-connect.ts': [
    /connected: 3 shards, 6 nodes/,
    /user:42 is Ada/,
    /apples: '3', pears: '1'/,
    /visits counted 1, 2, 3/,
  ],
  '02-read-from-replicas.ts': [
    /client: GET on slot \d+ goes to\n {2}\S+, the primary/,
    /relaxed: GET on slot \d+ goes to\n {2}\S+, a replica/,
    /600 relaxed reads were answered by\n {2}\S+ primary 0\n {2}\S+ replica [1-9]/,
  ],
  '03-multi-key-over-slots.ts': [
    /mget: \[ '7', '3', null, '4' \]/,
    /exists: 2/,
    /del: 4/,
    /CrossSlotError - /,
    /sinter in one slot: \[ 'Alan', 'Grace' \]/,
  ],
  '04-errors-and-deadlines.ts': [
    /not a number: true REPLY, executed: yes/,
    /timed out: true COMMAND_TIMEOUT, executed: maybe/,
    /given up: true COMMAND_ABORTED, executed: no/,
    /name is now (Ada|Grace)/,
  ],
  '05-test-your-own-code.ts': [
    /ok: pieces of an article add up/,
    /ok: [1-9]\d* pens were added during a failover, none lost, none twice/,
  ],
  '06-events-and-snapshot.ts': [
    /ready: 3 shards, 6 nodes/,
    /on the channel: \{[^}]*kind: 'moved'/,
    /topology \d+ \(moved\): slotsMoved/,
    /after the move user:42 is Ada/,
    /moved: 1,/,
  ],
  '07-survive-a-hang.ts': [
    /does not answer/,
    /is primary now/,
    /written: OK; reads answered while it waited: hundreds/,
    /user:42 is Grace/,
    /failures: 0/,
  ],
};

const names = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));

describe('examples', () => {
  it('are all listed in their README, and all run here', () => {
    const listed = [...readFileSync(new URL('README.md', FOLDER), 'utf8').matchAll(/\]\((\S+\.ts)\)/g)];
    expect(listed.map((match) => match[1])).toEqual(names.toSorted());
    expect(Object.keys(FACTS)).toEqual(names.toSorted());
  });

  it.each(Object.entries(FACTS))('%s shows what it promises', async (name, facts) => {
    const { exitCode, stdout, stderr } = await startProgram(`examples/${name}`).ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const fact of facts) expect(stdout).toMatch(fact);
  });
});
