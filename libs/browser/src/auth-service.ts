import { AccessToken } from './access-token.js';
import type { Publication } from './session.js';
import { SessionError } from './session-error.js';

/**
 * Shorter than the auth service's grace period (10 s), so that a refresh whose response was lost is
 * repeated within it, and gets the same successor.
 */
const REFRESH_TIMEOUT = 8_000;
/** For what a person waits for: without it, one stalled connection would block every later log-in of the tab. */
const TIMEOUT = 20_000;

/** `ended`: the auth service says that the cookie's session is over, or that there is no cookie. */
export type RefreshOutcome = AccessToken | 'ended';

/** The requests to the auth service. The browser attaches the refresh token, which scripts cannot read. */
export class AuthService {
  constructor(private readonly url: URL) {}

  /**
   * Exchanges the refresh token. An `invalid_grant` is asked for twice: another tab may have replaced the
   * cookie, by a log-in or a change of password, after the first request was sent with the old one.
   *
   * @throws SessionError `unavailable`
   */
  async refresh(cancelled: AbortSignal): Promise<RefreshOutcome> {
    return (await this.#refreshOnce(cancelled)) ?? (await this.#refreshOnce(cancelled)) ?? 'ended';
  }

  /** @returns undefined for `invalid_grant` */
  async #refreshOnce(cancelled: AbortSignal): Promise<RefreshOutcome | undefined> {
    const started = performance.now();
    const response = await this.#post('oauth/token', {
      body: new URLSearchParams({ grant_type: 'refresh_token' }),
      signal: AbortSignal.any([cancelled, AbortSignal.timeout(REFRESH_TIMEOUT)]),
    });
    if (response.ok) return tokenIn(response, started);
    const { error } = await bodyOf(response);
    if (error === 'invalid_grant') return undefined;
    // There is no cookie: a required parameter is missing (RFC 6749 §5.2). A 403 has the same error.
    if (error === 'invalid_request' && response.status === 400) return 'ended';
    throw unavailable(response);
  }

  /**
   * @throws SessionError `invalid-credentials`, `too-many-attempts` or `unavailable`; without an answer,
   *   the log-in may have happened
   */
  async logIn(username: string, password: string): Promise<AccessToken> {
    const started = performance.now();
    const response = await this.#post('login', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password, refreshTokenDelivery: 'cookie' }),
    });
    if (response.ok) return tokenIn(response, started);
    const { code } = await bodyOf(response);
    // `invalid_input`: nobody can have this name or this password.
    if (code === 'invalid_credentials' || code === 'invalid_input')
      throw new SessionError('invalid-credentials');
    throw unavailable(response, response.status === 429 ? 'too-many-attempts' : undefined);
  }

  /**
   * Ends the session of the token, or else of the cookie.
   *
   * @returns undefined if it was over already
   * @throws SessionError `unavailable`; without an answer, the log-out may have happened
   */
  async logOut(
    everywhere: boolean,
    token: AccessToken | undefined,
  ): Promise<Publication | undefined> {
    const response = await this.#post(everywhere ? 'logout/everywhere' : 'logout', {
      headers: token ? { authorization: `Bearer ${token.value}` } : {},
      keepalive: true,
    });
    if (response.status === 204) return { published: true };
    const { code, accessTokensMayLiveSeconds } = await bodyOf(response);
    if (response.status === 202 && accessTokensMayLiveSeconds)
      return { published: false, accessTokensMayLiveSeconds };
    if (code === 'invalid_token' || code === 'missing_token') return undefined;
    throw unavailable(response);
  }

  async #post(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(new URL(path, this.url), {
        signal: AbortSignal.timeout(TIMEOUT),
        ...init,
        method: 'POST',
        credentials: 'include',
        redirect: 'error',
      });
    } catch (cause) {
      throw new SessionError('unavailable', 'no answer', undefined, { cause });
    }
  }
}

/** @throws SessionError if the response is not a token response, such as the log-in page of a Wi-Fi network */
async function tokenIn(response: Response, started: number): Promise<AccessToken> {
  try {
    const { access_token: value, expires_in: seconds } = (await response.json()) as {
      access_token: string;
      expires_in: number;
    };
    return new AccessToken(value, seconds * 1000, performance.now() - started);
  } catch (cause) {
    throw new SessionError('unavailable', 'not a token response', undefined, { cause });
  }
}

interface Body {
  /** Errors of the auth service: RFC 6749 §5.2 has `error`, all others have `code`. */
  readonly error?: string;
  readonly code?: string;
  /** A log-out is recorded, but not published yet (202). */
  readonly accessTokensMayLiveSeconds?: number;
}

/** A body that is not JSON comes from something on the way, and says nothing about the session. */
const bodyOf = (response: Response): Promise<Body> =>
  (response.json() as Promise<Body>).catch(() => ({}));

function unavailable(
  { status, headers }: Response,
  code: 'unavailable' | 'too-many-attempts' = 'unavailable',
): SessionError {
  const seconds = Number(headers.get('retry-after'));
  return new SessionError(code, `status ${status}`, seconds > 0 ? seconds : undefined);
}
