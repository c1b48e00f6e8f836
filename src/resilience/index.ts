export { type Backoff, fullJitterMs } from './backoff.js';
export { judgeReply, type Verdict } from './verdict.js';
