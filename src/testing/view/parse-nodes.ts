import type { SlotSpan } from '../slots.js';

/** One node as a line of `CLUSTER NODES` tells of it. */
export interface NodeLine {
  readonly id: string;
  /** `host:port` */
  readonly address: string;
  readonly flags: ReadonlySet<string>;
  /** Undefined for a primary. */
  readonly primaryId: string | undefined;
  readonly configEpoch: number;
  /** Whether the teller has a link to it on the cluster bus. */
  readonly linked: boolean;
  readonly slots: readonly SlotSpan[];
}

/** Reads the reply to `CLUSTER NODES`; slots on the move (`[7->-...]`) are left out. */
export function parseNodes(text: string): NodeLine[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [id = '', where = '', flags = '', primary = '-', , , epoch = '0', link, ...slots] = line.split(' ');
    return {
      id,
      address: where.slice(0, where.indexOf('@')),
      flags: new Set(flags.split(',')),
      primaryId: primary === '-' ? undefined : primary,
      configEpoch: Number(epoch),
      linked: link === 'connected',
      slots: slots.filter((each) => !each.startsWith('[')).map(parseSpan),
    };
  });
}

function parseSpan(text: string): SlotSpan {
  const [first, last = first] = text.split('-').map(Number);
  return [first as number, last as number];
}

/** Fields of `INFO` and `CLUSTER INFO`. */
export function parseFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}
