import {
  AuthRejectedError,
  ConnectError,
  CredentialsError,
  type Executed,
  InvalidArgumentError,
  LinkLostError,
  NoUsableNodeError,
  SlotUncoveredError,
  type SlotwiseError,
} from '../errors/index.js';
import type { Node } from '../node/index.js';
import { type Call, NO_SLOT } from './call.js';
import type { Router } from './router.js';

/** The failure of a link is one for all it carried; this is what it means for one call. */
export function linkError(call: Call, executed: Executed, error: Error): SlotwiseError {
  const details = {
    executed,
    cause: error,
    retryable: executed === 'no',
    attempts: call.trouble?.attempts ?? [],
  };
  if (error instanceof ConnectError) return new ConnectError(error.message, details);
  if (error instanceof AuthRejectedError)
    return new AuthRejectedError(error.message, { ...details, retryable: false });
  if (error instanceof CredentialsError) return new CredentialsError(error.message, details);
  const what = executed === 'no' ? 'was not sent' : 'may have been executed';
  return new LinkLostError(`${error.message}; ${call.spec.name} ${what}`, details);
}

/**
 * Why a call cannot be sent now. Retryable: it may wait for a change.
 * @param node - the one that would be asked if it could be used
 */
export function whyNowhere(call: Call, node: Node | undefined, router: Router): SlotwiseError {
  const { slot, spec, settings } = call;
  const { route, isPart } = settings;
  const attempts = call.trouble?.attempts ?? [];
  if (node === undefined && route !== undefined && route !== 'random') {
    // A part of a command without keys was sent to a node that has left; else the caller named one that never was.
    return isPart === true
      ? new NoUsableNodeError(`${route} left the cluster before ${spec.name} was sent to it`, { attempts })
      : new InvalidArgumentError(`with().route is '${route}', which is no node of the cluster`, { attempts });
  }
  const details = { retryable: true, attempts };
  if (slot === NO_SLOT) {
    return node === undefined
      ? new SlotUncoveredError(`No shard is known to send ${spec.name} to`, details)
      : new NoUsableNodeError(
          `${node.address} cannot be used for ${spec.name}: it is ${node.condition}`,
          details,
        );
  }
  return router.table?.topology.shardOf(slot) === undefined
    ? new SlotUncoveredError(`No shard serves slot ${slot}, to which ${spec.name} belongs`, details)
    : new NoUsableNodeError(
        `No node of the shard of slot ${slot} can be used for ${spec.name}: ${router.explainRefusals(call)}`,
        details,
      );
}
