import { describe, expect, it } from 'vitest';
import { Dialogue } from '../../../src/testing/proxy/dialogue.js';
import { ReplyFaults } from '../../../src/testing/proxy/reply-faults.js';

const command = (...args: string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;

function converse(): {
  faults: ReplyFaults;
  send: (...commands: string[][]) => void;
  reply: (bytes: string) => void;
  seen: { toServer: string; toClient: string; commands: string[]; closed: boolean };
} {
  const faults = new ReplyFaults();
  const seen = { toServer: '', toClient: '', commands: [] as string[], closed: false };
  const dialogue = new Dialogue(faults, {
    toServer: (bytes) => {
      seen.toServer += bytes.toString();
      return true;
    },
    toClient: (bytes) => {
      seen.toClient += bytes.toString();
    },
    close: () => {
      seen.closed = true;
    },
    sawCommand: (name) => seen.commands.push(name),
  });
  return {
    faults,
    seen,
    send: (...commands) =>
      void dialogue.request(Buffer.from(commands.map((each) => command(...each)).join(''))),
    reply: (bytes) => dialogue.reply(Buffer.from(bytes)),
  };
}

describe('Dialogue', () => {
  it('passes everything, and names what it saw, without a fault', () => {
    const { send, reply, seen } = converse();
    send(['GET', 'a'], ['client', 'info'], ['SET', 'a', 'b']);
    reply('$-1\r\n$1\r\nx\r\n+O');
    reply('K\r\n');
    expect(seen.toServer).toBe(command('GET', 'a') + command('client', 'info') + command('SET', 'a', 'b'));
    expect(seen.toClient).toBe('$-1\r\n$1\r\nx\r\n+OK\r\n');
    expect(seen.commands).toEqual(['GET', 'CLIENT INFO', 'SET']);
  });

  it('answers in the place that is due among the replies of the server', () => {
    const { faults, send, reply, seen } = converse();
    faults.answer({ error: 'BUSY', commands: ['SET'], count: 2 });
    send(['GET', 'a'], ['SET', 'a', '1'], ['GET', 'b'], ['SET', 'b', '1'], ['SET', 'c', '1']);
    expect(seen.toServer).toBe(command('GET', 'a') + command('GET', 'b') + command('SET', 'c', '1'));
    expect(seen.toClient).toBe('');
    reply('+1\r\n');
    expect(seen.toClient).toBe('+1\r\n-BUSY\r\n');
    reply('+2\r\n+3\r\n');
    expect(seen.toClient).toBe('+1\r\n-BUSY\r\n+2\r\n-BUSY\r\n+3\r\n');
  });

  it('leaves a client its housekeeping unless commands are named', () => {
    const { faults, send, seen } = converse();
    faults.answer({ error: 'LOADING' });
    send(['PING'], ['HELLO', '3'], ['CLUSTER', 'SLOTS'], ['CLIENT', 'ID'], ['GET', 'a'], ['GET', 'b']);
    expect(seen.toServer).not.toContain('a\r\n');
    expect(seen.toServer).toContain('b\r\n');
    faults.answer({ error: 'NOAUTH', commands: ['cluster'] });
    faults.answer({ error: 'NOAUTH', commands: ['*'] });
    send(['CLUSTER', 'INFO'], ['PING'], ['ROLE']);
    expect(seen.toServer).not.toContain('INFO');
    expect(seen.toServer.match(/PING/g)).toHaveLength(1);
    expect(seen.toServer).toContain('ROLE');
  });

  it('cuts the reply of a chosen command and nothing before it', () => {
    const { faults, send, reply, seen } = converse();
    faults.cut({ afterBytes: 6, commands: ['GET'] });
    send(['INCR', 'n'], ['GET', 'a'], ['GET', 'b']);
    reply(':1\r\n$5\r\nhello\r\n$5\r\nhello\r\n');
    expect(seen.toClient).toBe(':1\r\n$5\r\nhe');
    expect(seen.closed).toBe(true);
    reply('more');
    expect(seen.toClient).toBe(':1\r\n$5\r\nhe');
  });

  it.each([
    [0, ''],
    [3, '+OK'],
    [5, '+OK\r\n'],
    [99, '+OK\r\n'],
  ])('cuts after %i bytes, at the end of the reply at the latest', (afterBytes, expected) => {
    const { faults, send, reply, seen } = converse();
    faults.cut({ afterBytes });
    send(['SET', 'a', '1']);
    for (const byte of '+OK\r\n') reply(byte);
    expect([seen.toClient, seen.closed]).toEqual([expected, true]);
  });

  it('replaces one whole reply by garbage', () => {
    const { faults, send, reply, seen } = converse();
    faults.garbage(Buffer.from('@@@\r\n'), {});
    send(['GET', 'a'], ['GET', 'b']);
    for (const byte of '*2\r\n$1\r\na\r\n:1\r\n+OK\r\n') reply(byte);
    expect(seen.toClient).toBe('@@@\r\n+OK\r\n');
  });

  it('closes in the place of READONLY, behind the replies before it', () => {
    const { faults, send, reply, seen } = converse();
    faults.closesOnReplicaWrite = true;
    send(['GET', 'a'], ['SET', 'a', '1']);
    reply('+1\r\n-READONLY You can');
    reply("'t write against a read only replica.\r\n");
    expect([seen.toClient, seen.closed]).toEqual(['+1\r\n', true]);
  });

  it('does not take pushed messages for replies', () => {
    const { faults, send, reply, seen } = converse();
    faults.garbage(Buffer.from('?'), { commands: ['GET'] });
    send(['GET', 'a']);
    reply('>2\r\n+invalidate\r\n*1\r\n+k\r\n+1\r\n');
    expect(seen.toClient).toBe('>2\r\n+invalidate\r\n*1\r\n+k\r\n?');
  });

  it('answers nothing any more on a connection that has subscribed', () => {
    const { faults, send, reply, seen } = converse();
    send(['GET', 'a'], ['SUBSCRIBE', 'c', 'd']);
    faults.answer({ error: 'BUSY', commands: ['*'] });
    send(['PING']);
    reply('+1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nd\r\n:2\r\n');
    expect(seen.toServer).toContain('PING');
    expect(seen.toClient).not.toContain('BUSY');
  });
});
