/** What every measured client is asked to do. Keys and values are ASCII strings, replies are strings. */
export interface BenchClient {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<string | null>;
  /** Values in the order of `keys`, which lie in any slots. */
  mget(keys: readonly string[]): Promise<(string | null)[]>;
  /** Sets `keys[i]` to `values[i]`; the keys lie in any slots. */
  mset(keys: readonly string[], values: readonly string[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Where to connect, and which keys will be used (only the bare sockets look at these). */
export interface ConnectTarget {
  readonly seeds: readonly { host: string; port: number }[];
  readonly keys: readonly string[];
}

/** Resolves when the client can serve commands. */
export type Connect = (target: ConnectTarget) => Promise<BenchClient>;
