import { formatAddress, parseRedirect } from '../topology/index.js';

/** What is to be done about a MOVED or ASK. */
export type RedirectVerdict =
  | {
      readonly action: 'follow';
      readonly kind: 'moved' | 'ask';
      readonly slot: number;
      readonly host: string;
      readonly port: number;
      readonly address: string;
    }
  | { readonly action: 'refuse'; readonly why: string };

/** What is known of the call that was redirected. */
interface Redirected {
  readonly command: string;
  /** How often it has been, this time included. */
  readonly redirects: number;
  readonly maxRedirects: number;
}

/** Judges a redirect by its own words: whether it can be read, makes sense, and is not one too many. */
export function judgeRedirect(
  message: string,
  from: { readonly host: string; readonly address: string },
  { command, redirects, maxRedirects }: Redirected,
): RedirectVerdict {
  const redirect = parseRedirect(message);
  if (redirect === undefined || redirect.kind === 'nonsense') {
    const why = redirect === undefined ? 'it cannot be read' : redirect.reason;
    return { action: 'refuse', why: `${from.address} sent ${command} elsewhere, but ${why}` };
  }
  const { kind, slot, port } = redirect;
  // An empty host means the one that answered.
  const host = redirect.host === '' ? from.host : redirect.host;
  const address = formatAddress(host, port);
  if (redirects > maxRedirects) {
    return {
      action: 'refuse',
      why: `${command} was sent elsewhere more than commands.maxRedirects (${maxRedirects}) times, last by ${from.address} to ${address} for slot ${slot}`,
    };
  }
  return { action: 'follow', kind, slot, host, port, address };
}
