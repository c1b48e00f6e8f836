// What an application with ES modules writes; only type-checked, against the packed tarball.
import { ConnectError, type Executed, SlotwiseError } from 'slotwise';
import { LocalCluster } from 'slotwise/testing';

const error: SlotwiseError = new ConnectError('refused');
const executed: Executed = error.executed;
// @ts-expect-error an error's certainty is one of three words
const wrong: 'perhaps' = error.executed;
const cluster: Promise<LocalCluster> = LocalCluster.start({ shards: 3 });

export { cluster, executed, wrong };
