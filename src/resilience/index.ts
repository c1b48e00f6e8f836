export { type Backoff, fullJitterMs } from './backoff.js';
export { judgeReply, type Verdict, withoutArguments } from './verdict.js';
