import { clients } from '../cluster/clients/registry.js';
import type { ClientName } from '../cluster/clients/registry.js';
import type { Report } from './report.js';
import { failureLines, tablesOf } from './rows.js';
import type { Table } from './rows.js';

/** The results as a document; the chart lies beside it. */
export function formatMarkdown(report: Report, chartFile: string): string {
  const { machine } = report;
  const measured = [
    ...new Set(report.results.flatMap(({ clients: entries }) => entries.map(({ client }) => client))),
  ];
  const failures = failureLines(report);
  return `${[
    '# Slotwise beside other clients',
    `Written by \`${report.command}\` on ${report.startedAt.slice(0, 10)}; not edited by hand.`,
    `![Operations per second of each client](${chartFile})`,
    [
      `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}; clients and servers share it`,
      `- Node ${machine.node}; 3 primaries of ${report.server} on loopback, no replicas, no persistence`,
      `- ${report.rounds} rounds of ${report.seconds} s, the clients taking turns in each, after a warm-up; medians of the rounds`,
      '- Every client and workload has a process of its own; CPU is user and system time of that process, threads of native code included',
      '- Memory: heap is that of JavaScript with its buffers, so what GLIDE holds in native code shows in its process only',
      '- In flight: so many loops, each awaiting its operation before the next. Keys are random over all slots. Every reply is checked',
    ].join('\n'),
    '## Clients',
    measured.map((client) => clientLine(client, report)).join('\n'),
    ...tablesOf(report).map((table) => `## ${table.title}\n\n${markdownTable(table)}`),
    ...(failures.length > 0 ? [`## Not measured\n\n${failures.map((line) => `- ${line}`).join('\n')}`] : []),
  ].join('\n\n')}\n`;
}

function clientLine(client: ClientName, report: Report): string {
  const { label, packageName, setup } = clients[client];
  const version = report.versions[client];
  return `- ${label}${packageName ? ` (\`${packageName}\` ${version})` : ''}: ${setup}`;
}

export function markdownTable({ head, rows }: Table): string {
  return [head, ['---', ...head.slice(1).map(() => '---:')], ...rows].map(markdownLine).join('\n');
}

function markdownLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
