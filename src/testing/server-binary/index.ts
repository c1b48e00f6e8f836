export { findServer, type FindServerOptions, type ServerBinary } from './find-server.js';
export { type Engine, isAtLeast } from './version.js';
