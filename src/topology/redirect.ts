import { isHost, splitAddress } from './address.js';
import { SLOT_COUNT } from './slot.js';

/** Where a node sent us instead of answering. */
export interface Redirect {
  /** `'moved'`: for good; `'ask'`: for this command only, after ASKING. */
  readonly kind: 'moved' | 'ask';
  readonly slot: number;
  /** Lower case, IPv6 without brackets. `''` means the host of the node that answered. */
  readonly host: string;
  readonly port: number;
}

/** A redirect that must not be followed. */
export interface NonsenseRedirect {
  readonly kind: 'nonsense';
  readonly asked: 'moved' | 'ask';
  /** What is wrong, fit for an error message. */
  readonly reason: string;
  /** Present when at least the slot made sense. */
  readonly slot?: number;
}

const DIGITS = /^\d{1,5}$/;
const UNKNOWN_HOST = '?';

/**
 * Reads the text of a MOVED or ASK error: `MOVED 3999 127.0.0.1:6381`, `ASK 3999 ::1:6381` (servers print IPv6
 * without brackets; brackets are understood too), `MOVED 3999 :6381` (the host that answered). Words after the
 * address are ignored.
 *
 * @returns `undefined` when the message is no redirect at all. A redirect with an impossible slot, port or host, or
 * with the host `?` (the node that answered does not know it), comes back as {@link NonsenseRedirect}.
 */
export function parseRedirect(message: string): Redirect | NonsenseRedirect | undefined {
  const [word, slotText = '', address = ''] = message.split(' ', 4);
  if (word !== 'MOVED' && word !== 'ASK') return undefined;
  const kind = word === 'MOVED' ? 'moved' : 'ask';

  const slot = Number(slotText);
  if (!DIGITS.test(slotText) || slot >= SLOT_COUNT) {
    return { kind: 'nonsense', asked: kind, reason: `the slot is '${slotText}', not one of 0..16383` };
  }
  const target = splitAddress(address);
  if (target === undefined) {
    return {
      kind: 'nonsense',
      asked: kind,
      slot,
      reason: `'${address}' does not end with a port in 1..65535`,
    };
  }
  if (target.host === UNKNOWN_HOST) {
    return {
      kind: 'nonsense',
      asked: kind,
      slot,
      reason: `the host of the slot's node is unknown ('${address}')`,
    };
  }
  if (target.host !== '' && !isHost(target.host)) {
    return { kind: 'nonsense', asked: kind, slot, reason: `'${address}' does not name a host` };
  }
  return { kind, slot, host: target.host, port: target.port };
}
