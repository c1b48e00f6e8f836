import { requestHead } from './encode.js';
import type { CommandSpec } from './spec.js';

/** Heads of commands with more arguments than this are made anew each time. */
const MAX_REMEMBERED_ARGUMENTS = 16;

/** The beginning of a command's request, up to and including its name: made once per argument count. */
export function headOf(spec: CommandSpec, argumentCount: number): Uint8Array {
  const known = spec.heads[argumentCount];
  if (known !== undefined) return known;
  const head = requestHead([spec.word], argumentCount);
  if (argumentCount <= MAX_REMEMBERED_ARGUMENTS) spec.heads[argumentCount] = head;
  return head;
}
