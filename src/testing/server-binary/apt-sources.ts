/** One repository as apt's own configuration names it. */
export interface AptSource {
  readonly uris: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Path of a keyring, or a key in full, as it stands in the file. */
  readonly signedBy: string | undefined;
}

/** Reads one file of apt's sources: `.sources` files are stanzas of fields (deb822), all others have a line each. */
export function parseAptSources(fileName: string, text: string): AptSource[] {
  return fileName.endsWith('.sources') ? parseStanzas(text) : parseLines(text);
}

function parseStanzas(text: string): AptSource[] {
  const withoutComments = text.replaceAll(/^#.*\n?/gm, '');
  return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    // A field goes on over lines that begin with a blank.
    for (const [, name = '', value = ''] of stanza.matchAll(/^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields.set(name.toLowerCase(), value.trim());
    }
    const uris = fields.get('uris');
    const isOn = fields.get('enabled')?.toLowerCase() !== 'no';
    if (uris === undefined || !isOn || !words(fields.get('types')).includes('deb')) return [];
    const [suites, components] = [words(fields.get('suites')), words(fields.get('components'))];
    return [{ uris, suites, components, signedBy: fields.get('signed-by') }];
  });
}

function parseLines(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const [, options = '', uris, suite, components = ''] =
      /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)([^#]*)/.exec(line) ?? [];
    if (uris === undefined || suite === undefined) return [];
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    return [{ uris, suites: [suite], components: words(components), signedBy }];
  });
}

/**
 * The text of a `.sources` file for a release's backports, on the mirror that the release itself comes from.
 * Undefined when the machine has the backports already, or names no mirror for the release.
 */
export function backportsSource(sources: readonly AptSource[], codename: string): string | undefined {
  const suite = `${codename}-backports`;
  if (sources.some(({ suites }) => suites.includes(suite))) return undefined;
  const release = sources.find(
    ({ suites, components }) => suites.includes(codename) && components.includes('main'),
  );
  if (!release) return undefined;
  const lines = ['Types: deb', `URIs: ${release.uris}`, `Suites: ${suite}`, 'Components: main'];
  // The first line of a key written in full is empty: it must stay on the field's own line.
  if (release.signedBy !== undefined) lines.push(`Signed-By: ${release.signedBy}`);
  return `${lines.join('\n')}\n`;
}

function words(text = ''): string[] {
  return text.split(/\s+/).filter(Boolean);
}
