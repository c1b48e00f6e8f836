import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** How much of a node's log is shown: the last this many bytes. */
const MAX_LOG_BYTES = 64 * 1024;

/** The end of a log file, at most {@link MAX_LOG_BYTES}, beginning with a whole line. Empty when there is no file yet. */
export function tailOf(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    const start = Math.max(0, size - MAX_LOG_BYTES);
    const buffer = Buffer.alloc(size - start);
    const read = readSync(file, buffer, 0, buffer.length, start);
    const text = buffer.toString('utf8', 0, read);
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    closeSync(file);
  }
}
