import type { Executed } from '../errors/index.js';

/** What an error reply says about the command and about what can be done next. */
export type Verdict =
  /** Owned elsewhere: the slot has moved (`MOVED`), or this key has (`ASK`). */
  | { readonly action: 'redirect' }
  /** Not now, but soon, on the same shard. */
  | { readonly action: 'wait'; readonly refresh: boolean }
  /** Not on this node: choose anew, after the topology was asked for again when that may explain it. */
  | { readonly action: 'reroute'; readonly refresh: boolean }
  /** The connection is not signed in, or not any more. */
  | { readonly action: 'signIn' }
  /** The user or its rights were refused. */
  | { readonly action: 'reject'; readonly kind: 'auth' | 'reply'; readonly executed: Executed };

const WAIT: Verdict = { action: 'wait', refresh: false };
const WAIT_AND_REFRESH: Verdict = { action: 'wait', refresh: true };
const REROUTE: Verdict = { action: 'reroute', refresh: false };
const REROUTE_AND_REFRESH: Verdict = { action: 'reroute', refresh: true };
const SIGN_IN: Verdict = { action: 'signIn' };
const REDIRECT: Verdict = { action: 'redirect' };
const AUTH: Verdict = { action: 'reject', kind: 'auth', executed: 'no' };
const REFUSED: Verdict = { action: 'reject', kind: 'reply', executed: 'no' };
const EXECUTED: Verdict = { action: 'reject', kind: 'reply', executed: 'yes' };

/**
 * By the first word of an error reply. Every word listed here is answered before the command is executed
 * (`processCommand` in server.c and `getNodeByQuery` in cluster.c of Redis 7.0 and Valkey 8).
 */
const VERDICTS: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  ['MOVED', REDIRECT],
  ['ASK', REDIRECT],
  ['TRYAGAIN', WAIT],
  ['CLUSTERDOWN', WAIT_AND_REFRESH],
  ['LOADING', REROUTE_AND_REFRESH],
  ['MASTERDOWN', REROUTE_AND_REFRESH],
  ['READONLY', REROUTE_AND_REFRESH],
  ['BUSY', REROUTE],
  ['-BUSY', REROUTE],
  ['NOAUTH', SIGN_IN],
  ['WRONGPASS', AUTH],
  ['NOPERM', AUTH],
  ['OOM', REFUSED],
  ['MISCONF', REFUSED],
  ['NOREPLICAS', REFUSED],
  ['NOSCRIPT', REFUSED],
  ['NOPROTO', REFUSED],
  ['CROSSSLOT', REFUSED],
  ['EXECABORT', REFUSED],
]);

/** What the server says of an unknown command shows what it was called with: keys and values. */
const SHOWN_ARGUMENTS = /,? with args beginning with:[\s\S]*$/;

/** An error reply without the arguments that some of them repeat. */
export function withoutArguments(message: string): string {
  return message.replace(SHOWN_ARGUMENTS, '');
}

/**
 * What servers answer before a script begins, word for word (Redis 7.0, Valkey 8). A script can answer with any first
 * word, also after it has written; what comes from inside of one ends with `script: ..., on @...`.
 */
const BEFORE_A_SCRIPT =
  /^((MOVED|ASK) \d+ \S+|NOSCRIPT .*|TRYAGAIN Multiple keys request during rehashing of slot|CLUSTERDOWN (The cluster is down.*|Hash slot not served)|LOADING \w+ is loading the dataset in memory|MASTERDOWN Link with .*|READONLY You can't write against a read only replica\.|NOAUTH .*|(-?BUSY) .*)$/;
const INSIDE_A_SCRIPT = /script: \S+, on @/;

/**
 * Judges an error reply by the server's own words.
 * @param isScript - whether the command runs a script or a function
 */
export function judgeReply(message: string, isScript: boolean): Verdict {
  if (isScript && (INSIDE_A_SCRIPT.test(message) || !BEFORE_A_SCRIPT.test(message))) return EXECUTED;
  const end = message.indexOf(' ');
  const verdict = VERDICTS.get(end === -1 ? message : message.slice(0, end));
  if (verdict !== undefined) return verdict;
  return /^ERR (unknown (sub)?command|wrong number of arguments|syntax error)/i.test(message)
    ? REFUSED
    : EXECUTED;
}
