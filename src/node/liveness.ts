/** How a node's silence is judged; milliseconds. */
export interface LivenessSettings {
  /** Silence while an answer is due, after which a node is suspect. */
  readonly hungAfterMs: number;
  /** Silence after which the link is given up. */
  readonly dropAfterMs: number;
}

/** What one look at a node found. */
export type Sign =
  /** Nothing is due, or it came in time. */
  | 'well'
  /** Nothing has come for too long: other nodes are better asked. */
  | 'suspect'
  /** Nothing has come for so long that nothing is expected any more. */
  | 'lost';

/**
 * Judges a node by its silence: time without a single byte while an answer is due. Not by the age of the oldest
 * command, because a node that answers a long queue slowly is not hung; and not by a socket's timeout, because that
 * starts anew with every write.
 *
 * It is looked at every few milliseconds while something is due. Pure: time is passed in.
 */
export class Liveness {
  readonly #settings: LivenessSettings;
  #silentSinceMs: number | undefined;
  #progress = -1;
  #sign: Sign = 'well';

  constructor(settings: LivenessSettings) {
    this.#settings = settings;
  }

  get sign(): Sign {
    return this.#sign;
  }

  /** How long nothing has come, in milliseconds; 0 when nothing is due. */
  silenceMs(nowMs: number): number {
    return this.#silentSinceMs === undefined ? 0 : nowMs - this.#silentSinceMs;
  }

  /**
   * Looks at the node.
   * @param isDue - whether anything has been asked that is not answered
   * @param progress - grows whenever something comes
   */
  look(isDue: boolean, progress: number, nowMs: number): Sign {
    if (!isDue || progress !== this.#progress) {
      this.#progress = progress;
      this.#silentSinceMs = isDue ? nowMs : undefined;
      this.#sign = 'well';
      return 'well';
    }
    const { hungAfterMs, dropAfterMs } = this.#settings;
    const silenceMs = nowMs - (this.#silentSinceMs ??= nowMs);
    this.#sign = silenceMs >= dropAfterMs ? 'lost' : silenceMs >= hungAfterMs ? 'suspect' : 'well';
    return this.#sign;
  }

  /** The node was heard of in another way: its silence counts from now, though it is no better for reads. */
  excuse(nowMs: number): void {
    if (this.#silentSinceMs !== undefined)
      this.#silentSinceMs = Math.max(this.#silentSinceMs, nowMs - this.#settings.hungAfterMs);
  }

  /** We did not look for so long (the event loop was blocked): what came meanwhile has not been read yet. */
  pardon(missedMs: number): void {
    if (this.#silentSinceMs !== undefined) this.#silentSinceMs += missedMs;
  }
}
