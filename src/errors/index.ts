export {
  type AttemptRecord,
  type Executed,
  SlotwiseError,
  type SlotwiseErrorDetails,
} from './slotwise-error.js';
export {
  ClientClosedError,
  CrossSlotError,
  InvalidArgumentError,
  InvalidOptionsError,
  MissingPeerError,
  type OptionProblem,
  UsageError,
} from './usage.js';
export {
  AuthError,
  AuthRejectedError,
  ConnectError,
  CredentialsError,
  LinkError,
  LinkLostError,
} from './link.js';
export {
  CommandAbortedError,
  CommandTimeoutError,
  InvariantError,
  NoUsableNodeError,
  OverloadError,
  QueueFullError,
  RedirectLimitError,
  ReplyError,
  RetryBudgetError,
  RoutingError,
  SlotUncoveredError,
} from './command.js';
export {
  DiscoveryError,
  SeedsExhaustedError,
  type SeedFailure,
  ServiceApiError,
  TopologyReplyError,
} from './discovery.js';
