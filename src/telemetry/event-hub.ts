import { type Channel, channel } from 'node:diagnostics_channel';
import { InvalidArgumentError } from '../errors/index.js';
import { CHANNEL_OF, type ClientEvent, type ClientEvents } from './events.js';

/** What is called with an event's payload. What it throws harms nobody: it becomes a process warning. */
export type Listener<E extends ClientEvent> = (payload: Readonly<ClientEvents[E]>) => void;

type AnyListener = (payload: unknown) => void;

interface Topic {
  readonly channel: Channel;
  readonly listeners: Set<AnyListener>;
}

/** Tells events to listeners and to diagnostics channels; does nothing at all when there are none. */
export class EventHub {
  readonly #topics: ReadonlyMap<ClientEvent, Topic> = new Map(
    Object.entries(CHANNEL_OF).map(([event, name]) => [
      event as ClientEvent,
      { channel: channel(name), listeners: new Set<AnyListener>() },
    ]),
  );

  on<E extends ClientEvent>(event: E, listener: Listener<E>): void {
    this.#topic(event).listeners.add(listenerOf(event, listener));
  }

  once<E extends ClientEvent>(event: E, listener: Listener<E>): void {
    const { listeners } = this.#topic(event);
    const called = listenerOf(event, listener);
    const first: AnyListener & { listener?: AnyListener } = (payload) => {
      listeners.delete(first);
      called(payload);
    };
    first.listener = called;
    listeners.add(first);
  }

  off<E extends ClientEvent>(event: E, listener: Listener<E>): void {
    const { listeners } = this.#topic(event);
    for (const each of listeners) {
      if (each === listener || (each as { listener?: unknown }).listener === listener) listeners.delete(each);
    }
  }

  /** Tells an event. `build` makes the payload, and is called only if somebody listens. */
  emit<E extends ClientEvent>(event: E, build: () => ClientEvents[E]): void {
    const { channel, listeners } = this.#topics.get(event)!;
    if (listeners.size === 0 && !channel.hasSubscribers) return;
    const payload = Object.freeze(build());
    if (channel.hasSubscribers) channel.publish(payload);
    for (const listener of [...listeners]) {
      try {
        listener(payload);
      } catch (error) {
        process.emitWarning(`A listener of '${event}' threw: ${error instanceof Error ? error.message : 'not an error'}`, {
          type: 'SlotwiseWarning',
          code: 'SLOTWISE_LISTENER',
        });
      }
    }
  }

  #topic(event: ClientEvent): Topic {
    const topic = this.#topics.get(event);
    if (topic === undefined) {
      throw new InvalidArgumentError(
        `There is no event '${String(event)}'; there are ${[...this.#topics.keys()].join(', ')}`,
      );
    }
    return topic;
  }
}

function listenerOf(event: string, listener: unknown): AnyListener {
  if (typeof listener === 'function') return listener as AnyListener;
  throw new InvalidArgumentError(`The listener of '${event}' is ${typeof listener}; expected a function`);
}
