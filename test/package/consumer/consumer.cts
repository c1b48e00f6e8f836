// What an application with CommonJS writes; only type-checked, against the packed tarball.
import slotwise = require('slotwise');
import testing = require('slotwise/testing');

const error: slotwise.SlotwiseError = new slotwise.ConnectError('refused');
const executed: slotwise.Executed = error.executed;
// @ts-expect-error an error's certainty is one of three words
const wrong: 'perhaps' = error.executed;
const cluster: Promise<testing.LocalCluster> = testing.LocalCluster.start({ shards: 3 });

export { cluster, executed, wrong };
