/** A program whose event loop stands still soon after its start: what the guard of the loop is tested with. */
import { guardEventLoop } from './loop-guard.js';

const PATIENCE_MS = 1_000;

guardEventLoop('a test of the guard', PATIENCE_MS);

function neverEnds(): never {
  for (;;);
}

setImmediate(neverEnds);
