import { type RequestWriter, requestHead } from '../commands/index.js';
import { LinkLostError, ReplyError, SlotwiseError } from '../errors/index.js';
import { Attempt, type AttemptFailure } from './attempt.js';

/** What can carry an attempt. */
interface Carrier {
  send(attempt: Attempt): void;
}

/** A command of Slotwise's own (handshake, topology, probes): awaited by its sender, never retried by itself. */
export class InternalAttempt extends Attempt {
  readonly #words: readonly string[];
  #resolve: ((reply: unknown) => void) | undefined;
  #reject: ((error: SlotwiseError) => void) | undefined;

  constructor(words: readonly string[]) {
    super(true);
    this.#words = words;
  }

  /** The reply as the decoder gives it. Rejects with {@link ReplyError} or {@link LinkLostError}, or why it was refused. */
  sendOver(carrier: Carrier): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      carrier.send(this);
    });
  }

  /** For a command whose reply is of no interest, such as ASKING: what matters is the reply to what follows. */
  unheard(): this {
    this.settled = true;
    return this;
  }

  override encode(writer: RequestWriter): void {
    const [name, ...args] = this.#words;
    writer.append(requestHead([name!], args.length), args);
  }

  override succeeded(reply: unknown): void {
    this.settled = true;
    this.#resolve!(reply);
  }

  override failed(failure: AttemptFailure): void {
    this.settled = true;
    switch (failure.kind) {
      case 'reply':
        this.#reject!(new ReplyError(failure.message));
        return;
      case 'link':
        this.#reject!(
          failure.error instanceof SlotwiseError && !(failure.error instanceof LinkLostError)
            ? failure.error
            : new LinkLostError(failure.error.message, {
                executed: failure.executed,
                cause: failure.error,
                retryable: true,
              }),
        );
        return;
      case 'refused':
        this.#reject!(failure.error as SlotwiseError);
    }
  }

  /** Gives up: a reply that still comes is ignored. */
  abandon(error: SlotwiseError): void {
    if (this.settled) return;
    this.settled = true;
    this.carrier?.withdraw(this);
    this.#reject?.(error);
  }
}
