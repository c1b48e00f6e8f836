export { Attempt, type AttemptFailure, NOT_BATCHED } from './attempt.js';
export { type BreakerSettings, type BreakerState, BreakerWindows } from './breaker.js';
export { InternalAttempt } from './internal-attempt.js';
export { type LinkCredentials } from './link.js';
export { isRefusal, type LinkState, Node, type NodeCondition, type NodeSettings } from './node.js';
export { openSocket, type SocketOptions } from './open-socket.js';
export { NodePool } from './node-pool.js';
