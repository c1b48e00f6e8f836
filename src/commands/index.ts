export { type CommandArgument, RequestWriter, requestHead } from './encode.js';
export { headOf } from './head.js';
export { firstKeyIndex, keyIndexes } from './keys.js';
export { allCommands, commandSpec, findCommand, resolveSubcommand, unknownCommand } from './lookup.js';
export { isBlocking, isIdempotent } from './options.js';
export type { CommandSpec, KeySpec, RequestPolicy, ResponsePolicy } from './spec.js';
export type { ReplyShape, SplitMerge, SplitRule } from './traits.js';
