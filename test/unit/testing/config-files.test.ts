import { describe, expect, it } from 'vitest';
import { configText, nodesConf, OWNED_DIRECTIVES } from '../../../src/testing/process/index.js';

const entry = {
  host: '127.0.0.1',
  shardId: 's'.repeat(40),
  configEpoch: 3,
  slots: [],
};
const primary = { ...entry, id: 'a'.repeat(40), port: 7000, busPort: 7001, primaryId: undefined };
const replica = { ...entry, id: 'b'.repeat(40), port: 7002, busPort: 7003, primaryId: primary.id };

describe('nodesConf', () => {
  it('writes a line per node, marks the reader, and ends with the highest epoch', () => {
    const entries = [
      {
        ...primary,
        slots: [
          [0, 9],
          [12, 12],
        ] as const,
      },
      { ...replica, configEpoch: 0 },
    ];
    expect(nodesConf(replica.id, entries, false)).toBe(
      [
        `${primary.id} 127.0.0.1:7000@7001 master - 0 0 3 connected 0-9 12`,
        `${replica.id} 127.0.0.1:7002@7003 myself,slave ${primary.id} 0 0 0 connected`,
        'vars currentEpoch 3 lastVoteEpoch 0',
        '',
      ].join('\n'),
    );
  });

  it('writes the shard id only for engines that know the field', () => {
    expect(nodesConf(primary.id, [primary], true)).toContain(
      `:7000@7001,,shard-id=${entry.shardId} myself,master`,
    );
    expect(nodesConf(primary.id, [primary], false)).not.toContain('shard-id');
  });
});

describe('configText', () => {
  it('writes an empty value as an empty text, and anything else as it is', () => {
    const directives = [
      ['save', ''],
      ['client-output-buffer-limit', 'normal 0 0 0'],
    ] as const;
    expect(configText(directives)).toBe('save ""\nclient-output-buffer-limit normal 0 0 0\n');
  });

  it('knows the directives of the harness in order, so that one is easily found', () => {
    expect(OWNED_DIRECTIVES).toEqual([...OWNED_DIRECTIVES].toSorted());
  });
});
