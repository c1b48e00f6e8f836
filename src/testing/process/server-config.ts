/** Name and value of one line of the server's configuration file. */
export type Directive = readonly [name: string, value: string];

/** Directives that the harness decides: with another value its verbs could not keep their promises. */
export const OWNED_DIRECTIVES: readonly string[] = [
  'aclfile',
  'bind',
  'bind-source-addr',
  'cluster-allow-replica-migration',
  'cluster-announce-bus-port',
  'cluster-announce-ip',
  'cluster-announce-port',
  'cluster-announce-tls-port',
  'cluster-config-file',
  'cluster-enabled',
  'cluster-node-timeout',
  'cluster-port',
  'daemonize',
  'dir',
  'include',
  'logfile',
  'masterauth',
  'masteruser',
  'pidfile',
  'port',
  'primaryauth',
  'primaryuser',
  'replica-announce-ip',
  'replica-announce-port',
  'replicaof',
  'requirepass',
  'slave-announce-ip',
  'slave-announce-port',
  'slaveof',
  'supervised',
  'tls-auth-clients',
  'tls-ca-cert-file',
  'tls-cert-file',
  'tls-cluster',
  'tls-key-file',
  'tls-port',
  'tls-replication',
  'unixsocket',
  'user',
];

/** What every node gets unless the caller's `config` says otherwise; everything else stays as the engine has it. */
export const DEFAULT_DIRECTIVES: Readonly<Record<string, string>> = {
  // A throw-away cluster needs no disk.
  save: '',
  appendonly: 'no',
  // The engine waits five seconds for more replicas to arrive before it sends a first copy.
  'repl-diskless-sync': 'yes',
  'repl-diskless-sync-delay': '0',
  // Servers listen on loopback addresses alone; of these, protected mode would trust 127.0.0.1 only.
  'protected-mode': 'no',
  // Tests break things: DEBUG is part of that.
  'enable-debug-command': 'yes',
};

/** The text of a configuration file. An empty value is written as `""`. */
export function configText(directives: Iterable<Directive>): string {
  return Array.from(directives, ([name, value]) => `${name} ${value === '' ? '""' : value}\n`).join('');
}
