import { CommandTimeoutError, type SlotwiseError } from '../errors/index.js';
import { type Attempt, InternalAttempt } from '../node/index.js';
import type { Clock } from '../support/index.js';

/** What discovery needs of a node. */
export interface Askable {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** Whether it can be reached, as far as is known. */
  readonly isUsable: boolean;
  /** Its outcome is always told to the attempt. */
  send(attempt: Attempt): void;
}

/** What discovery needs of the client's nodes. */
export interface NodeSource {
  /** The node at an address, known from now on. */
  node(host: string, port: number, address: string): Askable;
  find(address: string): Askable | undefined;
  /** A node for one question, at one of the addresses of its name; closed afterwards. */
  temporary(
    host: string,
    port: number,
    address: string,
    ip: string,
  ): Askable & { close(reason: SlotwiseError): void };
}

/** How long one question may take, opening the link included. */
export interface AskLimits {
  readonly timeoutMs: number;
  /** The option that sets it, for messages. */
  readonly limitedBy: string;
  readonly clock: Clock;
}

/**
 * Puts one question to one node. A hung node never answers, so every question has an end of its own.
 *
 * @throws what the link throws, `ReplyError`, or {@link CommandTimeoutError}
 */
export async function askNode(
  node: Askable,
  words: readonly string[],
  { timeoutMs, limitedBy, clock }: AskLimits,
): Promise<unknown> {
  const attempt = new InternalAttempt(words);
  const timer = clock.schedule(timeoutMs, () => {
    const what = `${node.address} did not answer ${words.join(' ')} within ${limitedBy} (${timeoutMs} ms)`;
    attempt.abandon(new CommandTimeoutError(what, { executed: 'maybe', retryable: true }));
  });
  try {
    return await attempt.sendOver(node);
  } finally {
    timer.cancel();
  }
}
