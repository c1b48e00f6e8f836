export { inspectCluster, inspectStandalone } from './inspect.js';
export { Ownership } from './ownership.js';
export { type NodeLine, parseFields, parseNodes } from './parse-nodes.js';
