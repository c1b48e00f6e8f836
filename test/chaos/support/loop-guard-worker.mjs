// Runs beside an event loop that may stand still; plain JavaScript, so that any loader can start it.
import { writeSync } from 'node:fs';
import { Session } from 'node:inspector';
import { setInterval, setTimeout } from 'node:timers';
import { workerData } from 'node:worker_threads';

const { beats, patienceMs, periodMs, what } = workerData;
const STDERR = 2;
/** For the main thread to give its stack, and then to end. */
const LAST_WORDS_MS = 2_000;
const STACK_DEPTH = 25;

let seen = -1;
let silentMs = 0;

// Own periods are counted, not time: what holds up the whole machine holds up this too.
const timer = setInterval(() => {
  const now = Atomics.load(beats, 0);
  silentMs = now === seen ? silentMs + periodMs : 0;
  seen = now;
  if (silentMs < patienceMs) return;
  clearInterval(timer);
  endBlockedProcess();
}, periodMs);

function endBlockedProcess() {
  const say = (text) => writeSync(STDERR, `${text}\n`);
  say(`VIOLATION (settles): the event loop has stood still for ${silentMs} ms; ${what}`);
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), LAST_WORDS_MS);
  const session = new Session();
  session.connectToMainThread();
  const files = new Map();
  session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => files.set(scriptId, url));
  session.on('Debugger.paused', ({ params: { callFrames } }) => {
    for (const { functionName, location } of callFrames.slice(0, STACK_DEPTH)) {
      const place = `${files.get(location.scriptId) ?? 'unknown'}:${location.lineNumber + 1}`;
      say(`    at ${functionName || '(anonymous)'} (${place})`);
    }
    // Refused inside a test runner; then the signal does it.
    session.post('Runtime.evaluate', { expression: 'process.exit(1)' });
  });
  session.post('Debugger.enable');
  session.post('Debugger.pause');
}
