import { CredentialsError, SlotwiseError } from '../errors/index.js';
import type { Clock } from '../support/index.js';
import type { LinkCredentials } from './link.js';

/**
 * Asks the provider for a new link. One that never answers is one that failed: what waits for the link must hear of it.
 * @throws {@link CredentialsError}
 */
export async function askCredentials(
  getCredentials: (() => Promise<LinkCredentials>) | undefined,
  address: string,
  clock: Clock,
  timeoutMs: number,
): Promise<LinkCredentials | undefined> {
  if (getCredentials === undefined) return undefined;
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(timeoutMs, () => {
      reject(
        new CredentialsError(
          `The credentials provider did not answer within links.connectTimeoutMs (${timeoutMs} ms)`,
        ),
      );
    });
    getCredentials()
      .then(resolve, (cause: unknown) => {
        const why = `The credentials provider failed before a link to ${address} could be opened`;
        reject(cause instanceof SlotwiseError ? cause : new CredentialsError(why, { cause }));
      })
      .finally(() => timer.cancel());
  });
}
