/** How many repetitions a client may send, beside the calls themselves. */
export interface RetryBudgetSettings {
  /** Tokens that every call which succeeds adds. */
  readonly budgetRatio: number;
  /** Tokens that are added each second whatever happens, so that a quiet client can still repeat. */
  readonly budgetPerSecond: number;
  /** The most tokens that can be saved up: how many repetitions may be sent at once. */
  readonly budgetBurst: number;
}

/**
 * A token bucket for repetitions: a sick cluster gets little more than its calls, not a multiple of them.
 *
 * Only what a node had to deal with before costs a token. What was never sent, and what follows a MOVED or ASK, is
 * free.
 *
 * @see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/ (retries and token buckets)
 */
export class RetryBudget {
  readonly #settings: RetryBudgetSettings;
  #tokens: number;
  #filledAtMs: number;
  #successesSeen = 0;

  constructor(settings: RetryBudgetSettings, nowMs: number) {
    this.#settings = settings;
    this.#tokens = settings.budgetBurst;
    this.#filledAtMs = nowMs;
  }

  /** Whole tokens there are. */
  get tokens(): number {
    return Math.floor(this.#tokens);
  }

  /**
   * Takes a token for one repetition.
   * @param successes - calls that have succeeded so far: counted by the caller, so that a success costs nothing here
   * @returns false when there is none
   */
  take(nowMs: number, successes: number): boolean {
    const { budgetRatio, budgetPerSecond, budgetBurst } = this.#settings;
    const earned =
      (successes - this.#successesSeen) * budgetRatio +
      ((nowMs - this.#filledAtMs) / 1_000) * budgetPerSecond;
    this.#tokens = Math.min(budgetBurst, this.#tokens + Math.max(0, earned));
    this.#successesSeen = successes;
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
