import { describe, expect, it } from 'vitest';
import { FrameScanner } from '../../../src/testing/proxy/frame-scanner.js';

/** Every frame with its head, when the stream comes in chunks of this size. */
function framesOf(kind: 'requests' | 'replies', stream: string, chunkBytes: number): string[][] {
  const scanner = new FrameScanner(kind);
  const frames: string[][] = [];
  let present = ['', ''];
  const bytes = Buffer.from(stream, 'latin1');
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    scanner.push(bytes.subarray(at, at + chunkBytes), (buffer, from, to, head, isLast) => {
      if (head) present = [`${head.type} ${head.text}`, ''];
      present[1] += buffer.toString('latin1', from, to);
      if (isLast) frames.push(present);
    });
  }
  return frames;
}

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const command = (...args: string[]): string => `*${args.length}\r\n${args.map(bulk).join('')}`;

const REQUESTS: ReadonlyArray<readonly [bytes: string, head: string]> = [
  [command('get', 'a'), '* GET'],
  [command('CLUSTER', 'shards'), '* CLUSTER SHARDS'],
  [command('Client', 'SETNAME', 'x'), '* CLIENT SETNAME'],
  [command('CLUSTER'), '* CLUSTER'],
  [command('SET', 'k', '*1\r\n$4\r\nPING\r\n'), '* SET'],
  [command('SET', 'k', ''), '* SET'],
  [command('x'.repeat(100), 'a'), '* ?'],
  ['PING\r\n', 'inline PING'],
  ['cluster nodes\r\n', 'inline CLUSTER NODES'],
  ['\r\n', 'inline '],
  ['*0\r\n', '* '],
  [command('PING'), '* PING'],
];

const REPLIES: ReadonlyArray<readonly [bytes: string, head: string]> = [
  ['+OK\r\n', '+ +OK'],
  ['-READONLY You cannot\r\n', '- -READONLY You cannot'],
  [':7\r\n', ': :7'],
  [bulk('with\r\n$3\r\ninside'), '$ $16'],
  ['$-1\r\n', '$ $-1'],
  ['*-1\r\n', '* *-1'],
  ['*0\r\n', '* *0'],
  [`*3\r\n:1\r\n*2\r\n${bulk('a')}$-1\r\n*0\r\n`, '* *3'],
  [`%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n${bulk('c')}`, '% %2'],
  ['~1\r\n#t\r\n', '~ ~1'],
  [`>2\r\n${bulk('invalidate')}*1\r\n${bulk('k')}`, '> >2'],
  ['|1\r\n+ttl\r\n:3\r\n*1\r\n,1.5\r\n', '| |1'],
  ['=7\r\ntxt:abc\r\n', '= =7'],
  ['_\r\n', '_ _'],
  [`-${'e'.repeat(1_000)}\r\n`, `- -${'e'.repeat(511)}`],
  ['+QUEUED\r\n', '+ +QUEUED'],
];

describe('FrameScanner', () => {
  it.each([1, 2, 3, 7, 64, 100_000])('finds every request and reply in chunks of %i bytes', (chunkBytes) => {
    for (const [kind, frames] of [
      ['requests', REQUESTS],
      ['replies', REPLIES],
    ] as const) {
      const found = framesOf(kind, frames.map(([bytes]) => bytes).join(''), chunkBytes);
      // How much of a long line is known depends on where it was cut.
      const expected = frames.map(([bytes, head]) => [chunkBytes < 512 ? head : expect.any(String), bytes]);
      expect(found).toEqual(expected);
    }
  });

  it('passes on what is no RESP, unread', () => {
    const scanner = new FrameScanner('replies');
    let passed = '';
    for (const bytes of ['+OK\r\n', '$EOF:abc\r\n', 'REDIS0010 and so on', '\r\n']) {
      scanner.push(Buffer.from(bytes), (buffer, from, to) => {
        passed += buffer.toString('latin1', from, to);
      });
    }
    expect(passed).toBe('+OK\r\n$EOF:abc\r\nREDIS0010 and so on\r\n');
  });
});
