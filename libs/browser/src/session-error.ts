/**
 * Why a call failed.
 *
 * - `logged-out`: nobody is logged in, or the session ended while the call waited.
 * - `user-changed`: another user logged in, in this tab or in another one, while the call waited.
 * - `unavailable`: the auth service gave no usable answer: no network, 429 or 5xx. Nobody is logged out by it.
 * - `invalid-credentials`: the name or the password is wrong.
 * - `too-many-attempts`: log-ins are throttled; see {@link SessionError.retryAfterSeconds}.
 * - `origin-not-allowed`: the request's origin may not get the token; see `origins` of the options.
 * - `closed`: `close()` was called.
 */
export type SessionErrorCode =
  | 'logged-out'
  | 'user-changed'
  | 'unavailable'
  | 'invalid-credentials'
  | 'too-many-attempts'
  | 'origin-not-allowed'
  | 'closed';

/** The only error that this library throws, apart from those of `fetch` itself. It never contains a token. */
export class SessionError extends Error {
  override readonly name = 'SessionError';

  /** @param retryAfterSeconds how long the auth service asks to wait, if it says so */
  constructor(
    readonly code: SessionErrorCode,
    detail = '',
    readonly retryAfterSeconds?: number,
    options?: ErrorOptions,
  ) {
    super(detail ? `${code}: ${detail}` : code, options);
  }
}
