import type { Socket } from 'node:net';
import { RequestWriter } from '../commands/index.js';
import type { Attempt } from './attempt.js';

/**
 * Gathers everything that is sent over one link in one turn of the event loop into a single socket write.
 *
 * A turn, not a tick: the replies of all nodes that arrive in one turn set off the next commands, and one write per
 * node then carries them all. A write per tick would cost up to one per node and per socket that had data.
 *
 * A batch belongs to one socket for good; a link that is opened anew has a new one, so bytes of an old link can never
 * reach a new one.
 */
export class Batch {
  readonly #socket: Socket;
  readonly #writer: RequestWriter = new RequestWriter();
  readonly #onDue: () => void;
  #scheduled = false;
  #number = 1;
  #flushedBytes = 0;

  /** @param onDue - called at the end of the turn; it calls {@link flush} */
  constructor(socket: Socket, onDue: () => void) {
    this.#socket = socket;
    this.#onDue = onDue;
  }

  /** Number of the batch that is being gathered. Those with a smaller one have been handed to the socket. */
  get number(): number {
    return this.#number;
  }

  /** Bytes handed to the socket so far. */
  get flushedBytes(): number {
    return this.#flushedBytes;
  }

  /** Adds an attempt's request. Throws what the encoding throws, and then adds nothing. */
  add(attempt: Attempt): void {
    attempt.encode(this.#writer);
    attempt.batch = this.#number;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#onDue);
  }

  /** Begins the batch anew with these attempts instead: some of it has been given up. */
  replace(attempts: readonly Attempt[]): void {
    this.#writer.take();
    for (const attempt of attempts) attempt.encode(this.#writer);
  }

  /**
   * Hands what was gathered to the socket, unless the socket is gone: then it is dropped, certainly unsent.
   * @returns whether anything was handed over
   */
  flush(): boolean {
    this.#scheduled = false;
    const chunks = this.#writer.take();
    const socket = this.#socket;
    if (chunks.length === 0 || socket.destroyed || !socket.writable) return false;
    this.#number++;
    if (chunks.length === 1) {
      this.#flushedBytes += chunks[0]!.length;
      socket.write(chunks[0]!);
      return true;
    }
    socket.cork();
    for (const chunk of chunks) {
      this.#flushedBytes += chunk.length;
      socket.write(chunk);
    }
    socket.uncork();
    return true;
  }
}
