import { Call, type CallKeeper, type CallSettings } from '../../../src/client/call.js';
import { commandSpec } from '../../../src/commands/index.js';
import { slotOfKey } from '../../../src/topology/index.js';

const SETTINGS: CallSettings = {
  timeoutMs: 5_000,
  hasOwnTimeout: false,
  signal: undefined,
  readFrom: 'preferReplica',
  idempotent: undefined,
  route: undefined,
};
const KEEPER: CallKeeper = {
  attemptFailed(call, failure) {
    throw new Error(`${call.spec.name} was not to fail: ${failure.kind}`);
  },
};

/** A call that no dispatcher looks after, and what became of it. */
export interface LooseCall {
  readonly call: Call;
  readonly outcomes: unknown[];
}

export function getCall(key: string, startedAtMs = 0): LooseCall {
  const outcomes: unknown[] = [];
  const settle = (outcome: unknown): void => void outcomes.push(outcome);
  const spec = commandSpec('get');
  const call = new Call(KEEPER, spec, [key], false, SETTINGS, slotOfKey(key), startedAtMs, settle, settle);
  return { call, outcomes };
}
