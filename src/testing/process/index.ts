export { type NodeEntry, nodesConf } from './nodes-conf.js';
export { PortPool } from './ports.js';
export { configText, DEFAULT_DIRECTIVES, type Directive, OWNED_DIRECTIVES } from './server-config.js';
export { type NodeState, ServerProcess } from './server-process.js';
export { Watchdog } from './watchdog.js';
