export { ensureServers, type EnsuredServer } from './ensure-servers.js';
export { findServer, type FindServerOptions, type ServerBinary } from './find-server.js';
export { type Engine, isAtLeast, type ServerVersion } from './version.js';
