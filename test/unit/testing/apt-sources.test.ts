import { describe, expect, it } from 'vitest';
import { backportsSource, parseAptSources } from '../../../src/testing/server-binary/apt-sources.js';

const STANZAS = `# Written by an installer
Types: deb deb-src
# a comment in the midst
URIs: http://mirror.test/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb
URIs: http://mirror.test/debian-security
Suites: trixie-security
Components: main

Enabled: no
Types: deb
URIs: http://off.test/debian
Suites: trixie
Components: main
`;

const LINES = `
# deb http://off.test/debian trixie main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.test/debian trixie main contrib # why
deb-src http://mirror.test/debian trixie main
deb http://mirror.test/debian trixie-updates main
`;

describe('parseAptSources', () => {
  it('reads stanzas, without comments and what is switched off', () => {
    expect(parseAptSources('debian.sources', STANZAS)).toEqual([
      {
        uris: 'http://mirror.test/debian',
        suites: ['trixie', 'trixie-updates'],
        components: ['main'],
        signedBy: '/usr/share/keyrings/archive.gpg',
      },
      {
        uris: 'http://mirror.test/debian-security',
        suites: ['trixie-security'],
        components: ['main'],
        signedBy: undefined,
      },
    ]);
  });

  it('reads lines with and without options', () => {
    expect(parseAptSources('sources.list', LINES)).toEqual([
      {
        uris: 'http://mirror.test/debian',
        suites: ['trixie'],
        components: ['main', 'contrib'],
        signedBy: '/k.gpg',
      },
      {
        uris: 'http://mirror.test/debian',
        suites: ['trixie-updates'],
        components: ['main'],
        signedBy: undefined,
      },
    ]);
  });

  it('keeps a key that is written out in full', () => {
    const text =
      'Types: deb\nURIs: http://m.test/d\nSuites: trixie\nComponents: main\nSigned-By:\n -----BEGIN\n .\n abc\n';
    const [source] = parseAptSources('x.sources', text);
    expect(source?.signedBy).toBe('-----BEGIN\n .\n abc');
  });
});

describe('backportsSource', () => {
  it('takes mirror and key from the release itself', () => {
    expect(backportsSource(parseAptSources('debian.sources', STANZAS), 'trixie')).toBe(
      `Types: deb
URIs: http://mirror.test/debian
Suites: trixie-backports
Components: main
Signed-By: /usr/share/keyrings/archive.gpg
`,
    );
    expect(backportsSource(parseAptSources('sources.list', LINES), 'trixie')).toContain(
      'Signed-By: /k.gpg\n',
    );
  });

  it('is not needed where the backports are configured, and cannot be had for an unknown release', () => {
    const sources = parseAptSources(
      'sources.list',
      `${LINES}deb http://m.test/debian trixie-backports main\n`,
    );
    expect(backportsSource(sources, 'trixie')).toBeUndefined();
    expect(backportsSource(parseAptSources('sources.list', LINES), 'forky')).toBeUndefined();
  });
});
