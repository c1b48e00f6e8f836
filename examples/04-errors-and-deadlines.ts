/**
 * What fails, fails in time and says what happened.
 *
 * Every call has one deadline, over all waiting, redirects and repetitions. Every error is a SlotwiseError: `code` is
 * stable, and `executed` says whether the command may have taken effect.
 */
import { CommandAbortedError, CommandTimeoutError, createClient, ReplyError, SlotwiseError } from 'slotwise';
import { LocalCluster } from 'slotwise/testing';

await using cluster = await LocalCluster.start({ shards: 2, replicasPerShard: 0 });
await using client = await createClient({ seeds: cluster.seeds, commands: { timeoutMs: 2_000 } });

// The server's own words are kept: an error reply is a ReplyError.
await client.set('name', 'Ada');
await client.incr('name').catch((error: unknown) => {
  console.log('not a number:', error instanceof ReplyError, describe(error));
});

// A node that hangs keeps its links open and answers nothing: the most common way not to get an answer.
const node = cluster.primaryOf('name');
await cluster.hang(node);

// This call has less time than the client's others. It was sent, so nobody knows whether it was executed.
const hurried = client.with({ timeoutMs: 200 });
await hurried.set('name', 'Grace').catch((error: unknown) => {
  console.log('timed out:', error instanceof CommandTimeoutError, describe(error));
});

// A signal gives calls up, for example when the request they were made for is gone. Of this one not a byte had left,
// and none ever will.
const request = new AbortController();
const pending = client.with({ signal: request.signal }).get('name');
request.abort(new Error('the visitor left'));
await pending.catch((error: unknown) => {
  console.log('given up:', error instanceof CommandAbortedError, describe(error));
});

// Afterwards the same client works on. Was the SET executed? 'maybe' meant: look.
await cluster.resume(node);
console.log('name is now', await client.get('name'));

function describe(error: unknown): string {
  if (!(error instanceof SlotwiseError)) throw error;
  return `${error.code}, executed: ${error.executed}, retryable: ${error.retryable}\n  ${error.message}`;
}
