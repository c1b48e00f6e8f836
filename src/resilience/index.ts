export { type Backoff, fullJitterMs } from './backoff.js';
export { RetryBudget, type RetryBudgetSettings } from './retry-budget.js';
export { judgeReply, type Verdict, withoutArguments } from './verdict.js';
