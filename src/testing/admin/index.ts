export { AdminLink, type AdminTarget } from './admin-link.js';
export { type Argument, type Reply } from './resp.js';
