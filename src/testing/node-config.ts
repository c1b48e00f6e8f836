import { join } from 'node:path';
import type { Member } from './member.js';
import { ADMIN_USER, type LocalUser, type ResolvedLocalClusterOptions } from './options.js';
import type { Endpoint } from './placement.js';
import { DEFAULT_DIRECTIVES, type Directive } from './process/index.js';
import { isAtLeast, type ServerBinary } from './server-binary/index.js';

/** What all members of a cluster have in common. */
export interface Surroundings {
  readonly options: ResolvedLocalClusterOptions;
  readonly server: ServerBinary;
  /** Holds the certificates, and a folder for each member. */
  readonly folder: string;
  readonly adminPassword: string;
}

/** A member's folder. */
export function folderOf(folder: string, { host, port }: Endpoint): string {
  return join(folder, `${host}-${port}`);
}

/** A member's whole configuration. */
export function nodeDirectives(member: Member, surroundings: Surroundings): Directive[] {
  const { options } = surroundings;
  return [
    ...Object.entries({ ...DEFAULT_DIRECTIVES, ...options.config }),
    ['bind', member.own.host],
    ['daemonize', 'no'],
    ['dir', folderOf(surroundings.folder, member.own)],
    ...announcements(member, options),
    ...zoneDirectives(member, surroundings.server),
    ...(options.tls ? tlsDirectives(member, surroundings) : [['port', String(member.own.port)] as const]),
    ...(options.mode === 'cluster' ? clusterDirectives(member, options) : []),
    ...userDirectives(surroundings),
  ];
}

/** A node whose connections come from an address of its own says itself where it is to be found. */
function announcements({ place }: Member, { mode, tls }: ResolvedLocalClusterOptions): Directive[] {
  const { announced, source } = place;
  if (source === undefined) return [];
  const port = String(announced.port);
  const toAll: Directive[] = [
    ['bind-source-addr', source],
    ['replica-announce-ip', announced.host],
    ['replica-announce-port', port],
  ];
  if (mode === 'standalone') return toAll;
  return [
    ...toAll,
    ['cluster-announce-ip', announced.host],
    [tls ? 'cluster-announce-tls-port' : 'cluster-announce-port', port],
    ['cluster-announce-bus-port', String(announced.busPort)],
  ];
}

/** Valkey tells its zone itself, from version 8 on. */
function zoneDirectives({ availabilityZone }: Member, { engine, version }: ServerBinary): Directive[] {
  if (availabilityZone === undefined || engine !== 'valkey' || !isAtLeast(version, '8.0')) return [];
  return [['availability-zone', availabilityZone]];
}

function tlsDirectives({ own }: Member, { folder, options }: Surroundings): Directive[] {
  return [
    ['port', '0'],
    ['tls-port', String(own.port)],
    ['tls-replication', 'yes'],
    ['tls-ca-cert-file', join(folder, 'ca.pem')],
    ['tls-cert-file', join(folder, 'node.pem')],
    ['tls-key-file', join(folder, 'node-key.pem')],
    ['tls-auth-clients', options.tls === 'mutual' ? 'yes' : 'no'],
    ...(options.mode === 'cluster' ? [['tls-cluster', 'yes'] as const] : []),
  ];
}

function clusterDirectives({ own }: Member, { nodeTimeoutMs }: ResolvedLocalClusterOptions): Directive[] {
  return [
    ['cluster-enabled', 'yes'],
    ['cluster-config-file', 'nodes.conf'],
    ['cluster-port', String(own.busPort)],
    ['cluster-node-timeout', String(nodeTimeoutMs)],
    // A node stays in its shard: otherwise shards would have no lasting number.
    ['cluster-allow-replica-migration', 'no'],
  ];
}

/** Replicas and `MIGRATE` use the harness's own user, so that the application's users may be restricted at will. */
function userDirectives({ options, adminPassword }: Surroundings): Directive[] {
  const { users, password } = options;
  return [
    ['user', `${ADMIN_USER} on >${adminPassword} ~* &* +@all`],
    ['masteruser', ADMIN_USER],
    ['masterauth', adminPassword],
    ...users.map((user): Directive => ['user', aclOf(user)]),
    ...(password === undefined ? [] : [['requirepass', password] as const]),
  ];
}

function aclOf({ name, password, rules = '~* &* +@all' }: LocalUser): string {
  const passwords = [password ?? []].flat().map((each) => `>${each}`);
  // `reset` since the user `default` exists beforehand, and may do everything without a password.
  return `${name} reset on ${passwords.length > 0 ? passwords.join(' ') : 'nopass'} ${rules}`;
}
