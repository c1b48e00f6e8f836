import type { WriteStream } from 'node:tty';
import type { DemoEvent, DemoState } from './state.js';
import { count, percent, seconds } from './text.js';
import { view } from './view.js';

/** Where the demo shows itself. */
export interface Display {
  event(event: DemoEvent): void;
  draw(state: DemoState): void;
  /** Leaves the terminal as it was. Can be called any number of times. */
  close(): void;
}

const ENTER = '\u001B[?1049h\u001B[?25l';
const LEAVE = '\u001B[?25h\u001B[?1049l';
const HOME = '\u001B[H';
const ERASE_LINE = '\u001B[2K';
const ERASE_BELOW = '\u001B[J';
/** What a terminal is taken to be that does not tell its size. */
const USUAL_SIZE = { columns: 80, rows: 24 };

/** The whole terminal, drawn anew each time, on a screen of its own so that what stood there comes back. */
export function liveDisplay(terminal: WriteStream, env: NodeJS.ProcessEnv): Display {
  const colours = terminal.hasColors();
  const unicode = speaksUnicode(env);
  let isOpen = false;
  const close = (): void => {
    if (isOpen) terminal.write(LEAVE);
    isOpen = false;
  };
  return {
    event() {
      // The picture shows the last events.
    },
    draw(state) {
      if (!isOpen) terminal.write(ENTER);
      isOpen = true;
      const columns = terminal.columns || USUAL_SIZE.columns;
      const rows = terminal.rows || USUAL_SIZE.rows;
      const lines = view(state, { columns, rows, colours, unicode });
      terminal.write(HOME + lines.map((line) => ERASE_LINE + line).join('\r\n') + ERASE_BELOW);
    },
    close,
  };
}

/** A line for each event and each second. */
export function plainDisplay(print: (line: string) => void): Display {
  let shownSecond = 0;
  return {
    event({ atMs, text }) {
      print(`${seconds(atMs).padStart(7)}  ${text}`);
    },
    draw({ elapsedMs, throughput, totals, zones }) {
      const second = Math.floor(elapsedMs / 1_000);
      if (second === shownSecond) return;
      shownSecond = second;
      const parts = [
        `${count(throughput)} ops/s`,
        `${count(totals.operations)} operations`,
        `${count(totals.errors)} errors`,
        `${count(totals.moved + totals.asked)} redirects`,
        zones.map(({ zone, share }) => `${zone} ${percent(share)}`).join(' '),
      ];
      print(`${seconds(elapsedMs).padStart(7)}  ${parts.join(', ')}`);
    },
    close() {
      // Lines stay where they are.
    },
  };
}

/** Whether the locale promises UTF-8. */
function speaksUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale) && env['TERM'] !== 'linux';
}
