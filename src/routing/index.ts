export { READ_POLICY_NAMES, type ReadChoice, type ReadPolicy, type ReadPolicyName } from './read-policy.js';
export { type Candidate, RouteTable } from './route-table.js';
