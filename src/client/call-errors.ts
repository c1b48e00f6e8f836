import {
  AuthRejectedError,
  ConnectError,
  CredentialsError,
  type Executed,
  LinkLostError,
  type SlotwiseError,
} from '../errors/index.js';
import type { Call } from './call.js';

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
