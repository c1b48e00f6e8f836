export { Attempt, type AttemptFailure, NOT_BATCHED } from './attempt.js';
export { InternalAttempt } from './internal-attempt.js';
export { type LinkCredentials } from './link.js';
export { type LinkState, Node, type NodeSettings } from './node.js';
export { openSocket, type SocketOptions } from './open-socket.js';
export { NodePool } from './node-pool.js';
