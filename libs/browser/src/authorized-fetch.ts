import type { AccessToken } from './access-token.js';
import { SessionError } from './session-error.js';

/** In whose name a request is sent, and where to. */
export interface Authorization {
  /** The origins that may get the token. */
  readonly origins: ReadonlySet<string>;
  /** The user when the request was made, if one was known. */
  readonly userId: string | undefined;
  /** False if the body is a stream, which can be read once. */
  readonly repeatable: boolean;
  /**
   * @param rejected a token that must not be returned again
   * @throws SessionError
   */
  readonly usableToken: (rejected?: AccessToken) => Promise<AccessToken>;
}

/**
 * Sends a request with the access token, and once more if that is rejected. Guards reject before a
 * handler runs, so a POST can be repeated too.
 *
 * @throws SessionError
 */
export async function sendAuthorized(
  request: Request,
  { origins, userId, repeatable, usableToken }: Authorization,
): Promise<Response> {
  const { origin } = new URL(request.url);
  if (!origins.has(origin)) throw new SessionError('origin-not-allowed', origin);
  const token = await usableToken();
  const spare = repeatable ? request.clone() : undefined;
  const response = await sendAs(userId, token, request);
  if (!isTokenFault(response) || !spare) return response;
  void response.body?.cancel();
  return sendAs(userId, await usableToken(token), spare);
}

/** What one user started must not be done in the name of another one. */
function sendAs(
  userId: string | undefined,
  token: AccessToken,
  request: Request,
): Promise<Response> {
  if (userId !== undefined && userId !== token.userId) throw new SessionError('user-changed');
  // Browsers remove this header when they follow a redirect to another origin (Fetch, "HTTP-redirect fetch").
  request.headers.set('authorization', `Bearer ${token.value}`);
  return fetch(request);
}

/** RFC 6750 §3.1. Scripts of another origin cannot read the header unless the service exposes it. */
function isTokenFault({ status, headers }: Response): boolean {
  const challenge = headers.get('www-authenticate');
  return status === 401 && (challenge === null || challenge.includes('invalid_token'));
}
