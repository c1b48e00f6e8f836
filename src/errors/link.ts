import { SlotwiseError } from './slotwise-error.js';

/** The way to a node failed. */
export abstract class LinkError extends SlotwiseError {
  static override readonly kind: string = 'LinkError';
}

/**
 * No link to a node could be opened: name resolution, TCP, TLS or handshake failed. Nothing was sent.
 * @public
 */
export class ConnectError extends LinkError {
  static override readonly kind: string = 'ConnectError';
  readonly code = 'CONNECT';
}

/**
 * The link to a node was lost before the reply came. `executed` tells whether the command's bytes had left.
 * @public
 */
export class LinkLostError extends LinkError {
  static override readonly kind: string = 'LinkLostError';
  readonly code = 'LINK_LOST';
}

/** Who we are was not accepted, or could not be found out. */
export abstract class AuthError extends SlotwiseError {
  static override readonly kind: string = 'AuthError';
}

/**
 * The credentials provider failed or gave something unusable. Nothing was sent.
 * @public
 */
export class CredentialsError extends AuthError {
  static override readonly kind: string = 'CredentialsError';
  readonly code = 'CREDENTIALS';
}

/**
 * A node refused our credentials, or their user may not do this (`NOAUTH`, `WRONGPASS`, `NOPERM`).
 * @public
 */
export class AuthRejectedError extends AuthError {
  static override readonly kind: string = 'AuthRejectedError';
  readonly code = 'AUTH_REJECTED';
}
