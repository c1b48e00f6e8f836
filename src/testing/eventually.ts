import { HarnessError, messageOf } from './harness-error.js';

/** How {@link eventually} waits. */
export interface EventuallyOptions {
  /** Milliseconds until it gives up. @defaultValue `10_000` */
  readonly withinMs?: number;
  /** Milliseconds between two attempts. @defaultValue `20` */
  readonly everyMs?: number;
  /** Asked before every attempt: an error it returns ends the wait at once. */
  readonly giveUp?: () => Error | undefined;
}

const DEFAULT_WITHIN_MS = 10_000;
const DEFAULT_EVERY_MS = 20;

/**
 * Waits for a condition instead of sleeping: calls `probe` again and again until it neither throws nor returns
 * `false`, and resolves with what it returned.
 *
 * @param what - the condition in words; part of the error
 * @throws {@link HarnessError} with the condition and what was last seen, when `withinMs` have passed
 * @public
 */
export async function eventually<T>(
  what: string,
  probe: () => T | false | Promise<T | false>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { withinMs = DEFAULT_WITHIN_MS, everyMs = DEFAULT_EVERY_MS, giveUp } = options;
  const deadline = performance.now() + withinMs;
  let lastSeen = 'nothing yet';
  let cause: unknown;
  for (;;) {
    const hopeless = giveUp?.();
    if (hopeless) throw hopeless;
    try {
      const seen = await probe();
      if (seen !== false) return seen;
      lastSeen = 'the condition does not hold';
      cause = undefined;
    } catch (thrown) {
      lastSeen = messageOf(thrown);
      cause = thrown;
    }
    if (performance.now() >= deadline) {
      throw new HarnessError(`Waited ${withinMs} ms in vain until ${what}. Last seen: ${lastSeen}`, {
        cause,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
