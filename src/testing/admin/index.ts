export { AdminLink, type AdminTarget, COMMAND_TIMEOUT_MS } from './admin-link.js';
export { type Argument, type Reply } from './resp.js';
