import { type Channel, channel } from 'node:diagnostics_channel';
import { InvalidArgumentError } from '../errors/index.js';

/** What is called with an event's payload. What it throws, or rejects with, harms nobody: it becomes a process warning. */
export type Listener<P> = (payload: Readonly<P>) => void;

type AnyListener = (payload: unknown) => unknown;

interface Topic {
  readonly channel: Channel;
  readonly listeners: Set<AnyListener>;
}

/**
 * Tells events to listeners and to diagnostics channels; does nothing at all when there are none.
 * `Events` maps each event's name to its payload.
 */
export class EventHub<Events extends object> {
  readonly #topics: ReadonlyMap<PropertyKey, Topic>;

  /** @param channels - the name of each event's diagnostics channel */
  constructor(channels: { readonly [E in keyof Events]: string }) {
    this.#topics = new Map(
      Object.entries<string>(channels).map(([event, name]) => [
        event,
        { channel: channel(name), listeners: new Set<AnyListener>() },
      ]),
    );
  }

  /** @throws {@link InvalidArgumentError} for an event that does not exist, or a listener that is no function */
  on<E extends keyof Events>(event: E, listener: Listener<Events[E]>): void {
    this.#topic(event).listeners.add(checkListener(event, listener));
  }

  /** As {@link on}, for the next event only. */
  once<E extends keyof Events>(event: E, listener: Listener<Events[E]>): void {
    const { listeners } = this.#topic(event);
    const called = checkListener(event, listener);
    const first: AnyListener & { listener?: AnyListener } = (payload) => {
      listeners.delete(first);
      return called(payload);
    };
    first.listener = called;
    listeners.add(first);
  }

  off<E extends keyof Events>(event: E, listener: Listener<Events[E]>): void {
    const { listeners } = this.#topic(event);
    for (const each of listeners) {
      if (each === listener || (each as { listener?: unknown }).listener === listener) listeners.delete(each);
    }
  }

  /** Tells an event. `build` makes the payload, and is called only if somebody listens. */
  emit<E extends keyof Events>(event: E, build: () => Events[E]): void {
    const { channel: stream, listeners } = this.#topics.get(event)!;
    if (listeners.size === 0 && !stream.hasSubscribers) return;
    const payload = Object.freeze(build());
    if (stream.hasSubscribers) stream.publish(payload);
    for (const listener of [...listeners]) {
      try {
        const returned: unknown = listener(payload);
        // An async listener that rejects would end the process otherwise.
        if (returned instanceof Promise) returned.catch((error: unknown) => warn(event, error));
      } catch (error) {
        warn(event, error);
      }
    }
  }

  #topic(event: PropertyKey): Topic {
    const topic = this.#topics.get(event);
    if (topic !== undefined) return topic;
    throw new InvalidArgumentError(
      `There is no event '${String(event)}'; there are ${[...this.#topics.keys()].join(', ')}`,
    );
  }
}

function warn(event: PropertyKey, error: unknown): void {
  const what = error instanceof Error ? error.message : 'something that is no Error';
  process.emitWarning(`A listener of '${String(event)}' threw: ${what}`, {
    type: 'SlotwiseWarning',
    code: 'SLOTWISE_LISTENER',
  });
}

function checkListener(event: PropertyKey, listener: unknown): AnyListener {
  if (typeof listener === 'function') return listener as AnyListener;
  throw new InvalidArgumentError(
    `The listener of '${String(event)}' is ${typeof listener}; expected a function`,
  );
}
