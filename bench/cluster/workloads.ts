export type WorkloadKind = 'get' | 'set' | 'mget' | 'mset';

/** One thing to measure: `inFlight` loops, each awaiting its operation before it issues the next. */
export interface Workload {
  /** As given to `--only`, e.g. `get-100-64`. */
  readonly name: string;
  readonly title: string;
  readonly kind: WorkloadKind;
  readonly valueBytes: number;
  readonly keyCount: number;
  /** Keys of one operation: 1, or that of an MGET or MSET. */
  readonly keysPerOperation: number;
  readonly inFlight: number;
}

/** Keys of an MGET and MSET. */
const MANY_KEYS = 100;

/** Fewer keys for larger values, so that neither servers nor clients hold more than a few ten megabytes. */
const sizes = [
  { tag: '100', words: '100 B', valueBytes: 100, keyCount: 10_000, inFlight: [1, 64, 1000] },
  { tag: '10k', words: '10 KB', valueBytes: 10_000, keyCount: 1_000, inFlight: [1, 64, 1000] },
  { tag: '1m', words: '1 MB', valueBytes: 1_000_000, keyCount: 24, inFlight: [1, 8, 64] },
] as const;

function single(kind: 'get' | 'set'): Workload[] {
  return sizes.flatMap(({ tag, words, valueBytes, keyCount, inFlight }) =>
    inFlight.map((count) => ({
      name: `${kind}-${tag}-${count}`,
      title: `${kind.toUpperCase()} of ${words}, ${count} in flight`,
      kind,
      valueBytes,
      keyCount,
      keysPerOperation: 1,
      inFlight: count,
    })),
  );
}

function many(kind: 'mget' | 'mset'): Workload {
  return {
    name: kind,
    title: `${kind.toUpperCase()} of ${MANY_KEYS} random keys (100 B), 8 in flight`,
    kind,
    valueBytes: 100,
    keyCount: 10_000,
    keysPerOperation: MANY_KEYS,
    inFlight: 8,
  };
}

export const workloads: readonly Workload[] = [
  ...single('get'),
  ...single('set'),
  many('mget'),
  many('mset'),
];

/** Reads and writes keep apart, so that a read's value is known whoever wrote before. */
export function keysOf(workload: Pick<Workload, 'kind' | 'valueBytes' | 'keyCount'>): string[] {
  const family = workload.kind === 'get' || workload.kind === 'mget' ? 'read' : 'write';
  return Array.from({ length: workload.keyCount }, (_, index) => `${family}:${workload.valueBytes}:${index}`);
}

/** The value of a key, `valueBytes` of ASCII that begin with the key and who wrote it. */
export function valueOf(key: string, writer: string, valueBytes: number): string {
  return `${key}|${writer}|`.padEnd(valueBytes, 'abcdefghijklmnopqrstuvwxyz');
}

/** Who writes the values that GET and MGET read. */
export const PREPARED = 'prepared';
