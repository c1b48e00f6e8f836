import { describe, expect, it } from 'vitest';
import { encodeCommand, ReplyParser } from '../../../src/testing/admin/resp.js';

describe('the administrative protocol', () => {
  it('encodes texts, numbers and bytes', () => {
    const command = encodeCommand(['SET', 'é', 7, Buffer.from([0, 13, 10])]);
    expect(command.toString('latin1')).toBe('*4\r\n$3\r\nSET\r\n$2\r\nÃ©\r\n$1\r\n7\r\n$3\r\n\0\r\n\r\n');
  });

  it('reads the same replies however the bytes are cut', () => {
    const stream = Buffer.from(
      '+OK\r\n-ERR no\r\n:-7\r\n$-1\r\n*-1\r\n*2\r\n$2\r\n\r\n\r\n*1\r\n$0\r\n\r\n*0\r\n',
    );
    const expected = [
      'OK',
      { refused: 'ERR no' },
      -7,
      null,
      null,
      [Buffer.from('\r\n'), [Buffer.alloc(0)]],
      [],
    ];
    for (const size of [1, 2, 3, 5, 8, stream.length]) {
      const parser = new ReplyParser();
      const replies = [];
      for (let at = 0; at < stream.length; at += size)
        replies.push(...parser.push(stream.subarray(at, at + size)));
      expect(replies, `pieces of ${size}`).toEqual(expected);
    }
  });

  it('refuses what is not RESP2', () => {
    expect(() => new ReplyParser().push(Buffer.from('%1\r\n'))).toThrow(RangeError);
  });
});
