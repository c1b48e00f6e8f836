import { isWord } from './argument-text.js';
import type { CommandSpec } from './spec.js';
import { IDEMPOTENT, NOT_IDEMPOTENT_WITH } from './traits.js';

/**
 * Whether the command, as called, may be sent again when it is not known whether it was executed: sent twice in a row
 * it leaves the same state as sent once, and the second reply tells the caller nothing false (traits.ts has the rule).
 *
 * An argument that reads like an option counts as that option, so the answer may be a needless no, never a wrong yes.
 */
export function isIdempotent(spec: CommandSpec, args: readonly unknown[]): boolean {
  if (spec.idempotent) return true;
  const unless = NOT_IDEMPOTENT_WITH.get(spec.name);
  if (unless === undefined || !IDEMPOTENT.has(spec.name)) return false;
  for (const option of unless) {
    for (let i = 1; i < args.length; i++) if (isWord(args[i], option)) return false;
  }
  return true;
}

/**
 * Whether the command, as called, can keep its connection waiting: `BLPOP` always, `XREAD` only with `BLOCK`.
 */
export function isBlocking(spec: CommandSpec, args: readonly unknown[]): boolean {
  if (!spec.blocking) return false;
  if (spec.name !== 'xread' && spec.name !== 'xreadgroup') return true;
  for (const arg of args) {
    if (isWord(arg, 'STREAMS')) return false;
    if (isWord(arg, 'BLOCK')) return true;
  }
  return false;
}
