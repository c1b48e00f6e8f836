import { markdownTable } from '../../report/markdown.js';
import { type FaultedClientName, faultedClientNames, faultedClients } from '../clients/registry.js';
import { faultNames, faults } from '../faults.js';
import type { FailoverReport } from './report.js';
import { failureLines } from './report.js';
import { crowdLine, errorLines, tablesOf } from './rows.js';

const MAX_ERROR_LINES = 20;

/** The results as a document. @param chartFile - where the chart lies, from the document */
export function formatFailover(report: FailoverReport, chartFile: string): string {
  const { machine, cases } = report;
  const clients = faultedClientNames.filter((name) => cases.some(({ client }) => client === name));
  const struck = faultNames.filter((name) => cases.some(({ fault }) => fault === name));
  const servers = [...new Set(cases.flatMap((entry) => ('result' in entry ? [entry.result.server] : [])))];
  const failures = failureLines(report);
  const errors = errorLines(report);
  return `${[
    '# The same faults on every client',
    `Written by \`${report.command}\` on ${report.startedAt.slice(0, 10)}; not edited by hand.`,
    `![What a shard answered while its primary failed, by client](${chartFile})`,
    [
      `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}; clients and servers share it`,
      `- Node ${machine.node}; 3 primaries and 3 replicas of ${servers.join(', ')} on loopback, node timeout 2 s; a new cluster and a new process for every run`,
      '- Load: 100 reads, 100 SETs and 20 INCRs a second on each shard, made at a steady rate whether or not earlier ones were answered',
      '- A figure is the median of the runs, with the worst in brackets. Stalls are the longest time without an answer; promotion is when the replica says of itself that it is a primary',
      '- "Waiting at its return": calls that had waited for a second or longer when the old primary came back. "Only with its return": SETs went on when the old primary came back, and not before',
      '- "INCRs lost" were acknowledged and are not in the counters: what a primary acknowledges is copied afterwards. "Reads of nothing" found no value though there is one',
    ].join('\n'),
    '## Clients',
    clients.map((name) => clientLine(name, report)).join('\n'),
    '## Faults',
    struck.map((name) => `- **${faults[name].title}**: ${faults[name].story}`).join('\n'),
    ...tablesOf(report).map((table) => `## ${table.title}\n\n${markdownTable(table)}`),
    ...(report.crowd ? [`${crowdLine(report.crowd)}.`] : []),
    ...(errors.length > 0 ? [`## Errors\n\n${listOf(errors, MAX_ERROR_LINES)}`] : []),
    ...(failures.length > 0 ? [`## Not measured\n\n${listOf(failures, failures.length)}`] : []),
  ].join('\n\n')}\n`;
}

function listOf(lines: readonly string[], most: number): string {
  const shown = lines.slice(0, most).map((line) => `- ${line}`);
  return [...shown, ...(lines.length > most ? [`- and ${lines.length - most} more`] : [])].join('\n');
}

function clientLine(name: FaultedClientName, report: FailoverReport): string {
  const { label, packageName, setup } = faultedClients[name];
  return `- ${label} (\`${packageName}\` ${report.versions[name] ?? ''}): ${setup}`;
}
