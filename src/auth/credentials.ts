/** What a link signs in with. */
export interface Credentials {
  /** @defaultValue the server's default user */
  readonly username?: string;
  readonly password: string;
  /** Until when they are good, as `Date.now()` counts. Left out: for good. */
  readonly expiresAtMs?: number;
}

/**
 * Gives credentials whenever a link is opened, so that they can be rotated without downtime.
 * @public
 */
export interface CredentialsProvider {
  /** Called for every new link. A rejection becomes a `CredentialsError`. */
  getCredentials(): Promise<Credentials>;
}
