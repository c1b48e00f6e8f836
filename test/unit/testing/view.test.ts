import { describe, expect, it } from 'vitest';
import type { Member } from '../../../src/testing/member.js';
import { Ownership, parseFields, parseNodes } from '../../../src/testing/view/index.js';

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];
const member = (id: string): Member => ({ id, shard: 0, role: 'replica' }) as Member;

describe('parseNodes', () => {
  it('reads roles, flags, epochs, links and slots, and leaves slots on the move out', () => {
    const text = [
      `${A} 127.0.0.1:7000@7001,,tls-port=0,shard-id=x myself,master - 0 0 5 connected 0-9 12 [12->-${B}]`,
      `${B} 127.0.0.1:7002@7003 slave,fail? ${A} 0 0 5 disconnected`,
      '',
    ].join('\n');
    expect(parseNodes(text)).toEqual([
      {
        id: A,
        address: '127.0.0.1:7000',
        flags: new Set(['myself', 'master']),
        primaryId: undefined,
        configEpoch: 5,
        linked: true,
        slots: [
          [0, 9],
          [12, 12],
        ],
      },
      {
        id: B,
        address: '127.0.0.1:7002',
        flags: new Set(['slave', 'fail?']),
        primaryId: A,
        configEpoch: 5,
        linked: false,
        slots: [],
      },
    ]);
  });
});

it('parseFields reads the lines of INFO', () => {
  expect(parseFields('# Replication\r\nrole:master\r\nslave0:ip=::1,port=1\r\n')).toEqual(
    new Map([
      ['role', 'master'],
      ['slave0', 'ip=::1,port=1'],
    ]),
  );
});

describe('Ownership', () => {
  const line = (id: string, epoch: number, slots: string): string =>
    `${id} 127.0.0.1:1@2 master - 0 0 ${epoch} connected ${slots}\n`;

  it('believes the claim with the higher epoch, in whatever order they come', () => {
    const [a, b] = [member(A), member(B)];
    const stale = parseNodes(line(A, 1, '0-9'));
    const fresh = parseNodes(line(A, 1, '') + line(B, 2, '0-9'));
    for (const views of [
      [stale, fresh],
      [fresh, stale],
    ]) {
      const ownership = new Ownership();
      for (const view of views) ownership.learn(view, [a, b]);
      expect([ownership.ownerOf(0), a.role, b.role]).toEqual([b, 'replica', 'primary']);
      expect(ownership.slotsOwnedBy(b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  it('takes a lower epoch after it was told to forget', () => {
    const [a, b] = [member(A), member(B)];
    const ownership = new Ownership();
    ownership.learn(parseNodes(line(B, 2, '5')), [a, b]);
    ownership.reset();
    ownership.learn(parseNodes(line(A, 1, '5')), [a, b]);
    expect([ownership.ownerOf(5), ownership.ownerOf(6), a.role]).toEqual([a, undefined, 'primary']);
  });
});
