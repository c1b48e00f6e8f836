/** Which way bytes flow. */
export type Direction = 'toServer' | 'toClient';

/** What the network does to one direction of every connection of a proxy. Shared by their lanes, and changed in place. */
export interface Conditions {
  /** Nothing passes. */
  isHeld: boolean;
  latencyMs: number;
  /** Up to so much more, drawn for each piece. */
  jitterMs: number;
  isSplit: boolean;
  /** Infinity: no limit. */
  bytesPerSecond: number;
}

/** A network that does nothing. */
export function plainConditions(): Conditions {
  return {
    isHeld: false,
    latencyMs: 0,
    jitterMs: 0,
    isSplit: false,
    bytesPerSecond: Number.POSITIVE_INFINITY,
  };
}
