import { ConnectError, LinkLostError, SlotwiseError } from '../errors/index.js';

/** Says in one sentence why a link ended, with what to look at when the cause is a known one. */
export function explainLinkFailure(
  address: string,
  tls: boolean,
  wasOpening: boolean,
  failure: Error | undefined,
): SlotwiseError {
  if (failure instanceof SlotwiseError) return failure;
  if (!wasOpening) {
    const why = failure === undefined ? 'closed by the node' : describe(failure);
    return new LinkLostError(`The link to ${address} was lost: ${why}`, { cause: failure, retryable: true });
  }
  const why = failure === undefined ? 'the node closed the connection before it answered' : describe(failure);
  const hint = hintFor(tls, failure);
  return new ConnectError(
    `Cannot open a link to ${address}: ${why}${hint === undefined ? '' : ` (${hint})`}`,
    {
      cause: failure,
      retryable: true,
    },
  );
}

function describe(failure: Error): string {
  const code = (failure as NodeJS.ErrnoException).code;
  return code === undefined || failure.message.includes(code)
    ? failure.message
    : `${code}: ${failure.message}`;
}

function hintFor(tls: boolean, failure: Error | undefined): string | undefined {
  const code = (failure as NodeJS.ErrnoException | undefined)?.code;
  const message = failure?.message ?? '';
  if (
    code === 'EPROTO' ||
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    /wrong version number|packet length too long/i.test(message)
  ) {
    return 'the node does not seem to speak TLS: leave out `tls`, or use redis:// for rediss://';
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return "the node's certificate is for another name";
  if (/self-signed|unable to (verify|get)/i.test(message))
    return 'give the certificate authority in `tls.ca`';
  if (message.startsWith('Unknown RESP type')) return 'what answers there is not Redis or Valkey';
  if (code === 'ENOTFOUND') return 'no such host name';
  if (!tls && (code === 'ECONNRESET' || code === undefined || code === 'EPIPE')) {
    return 'if the node expects TLS, set `tls: true` or use rediss://';
  }
  if (tls && (code === 'ECONNRESET' || code === undefined))
    return 'the node may not speak TLS, or may refuse this certificate';
  return undefined;
}
