import type { Totals } from './state.js';
import { count, seconds } from './text.js';

/** What the demo measured, when it is over. */
export interface Summary {
  /** What ran: `redis 7.0.15`. */
  readonly server: string;
  readonly nodes: number;
  readonly totals: Totals;
  /** How long traffic ran. */
  readonly trafficMs: number;
  /** INCRs that were acknowledged, and what all counters add up to on the servers. */
  readonly increments: { readonly acknowledged: number; readonly counted: number };
  /** The first few different errors. */
  readonly messages: readonly string[];
}

/** Whether nothing was answered with an error, and nothing was lost or done twice. */
export function isFlawless({ totals, increments }: Summary): boolean {
  return totals.errors === 0 && increments.acknowledged === increments.counted;
}

export function summaryLines(summary: Summary): string[] {
  const { server, nodes, totals, trafficMs, increments, messages } = summary;
  const { operations, errors, moved, asked, retries, topologyChanges } = totals;
  return [
    `Slotwise on ${nodes} nodes of ${server}, ${seconds(trafficMs)} of traffic`,
    `  operations        ${count(operations)}, ${count(throughputOf(summary))} per second`,
    `  errors            ${count(errors)}`,
    ...messages.map((message) => `    ${message}`),
    `  increments        ${count(increments.acknowledged)} acknowledged, ${count(increments.counted)} counted on the servers`,
    `  redirects         ${count(moved + asked)} (${count(moved)} moved, ${count(asked)} asked)`,
    `  retries           ${count(retries)}`,
    `  topology changes  ${count(topologyChanges)}`,
  ];
}

/** One line. `redirects` are all followed ones, MOVED and ASK; `throughput` is operations per second over all. */
export function summaryJson(summary: Summary): string {
  const { operations, errors, moved, asked, topologyChanges } = summary.totals;
  return JSON.stringify({
    operations,
    errors,
    throughput: Math.round(throughputOf(summary)),
    nodes: summary.nodes,
    redirects: moved + asked,
    topologyChanges,
  });
}

function throughputOf({ totals, trafficMs }: Summary): number {
  return (1_000 * totals.operations) / trafficMs;
}
