import { requireBearerToken, type HttpRequest } from './bearer-token.js';
import { isMeant, notMeant } from './cross-origin.js';
import { HostCookie } from './host-cookie.js';

/** Where an access token is kept in a browser. */
export const ACCESS_TOKEN_COOKIE = '__Host-access-token';
/** The same on plain HTTP, for development on one machine. */
export const DEVELOPMENT_ACCESS_TOKEN_COOKIE = 'access-token-development';

/** An access token in a cookie: it authenticates like a bearer token, but only for its own pages. */
export class AccessTokenCookie extends HostCookie {
  /**
   * @param origins of the pages that may use it: `https://shop.example.com`
   * @throws TypeError for none, for what is no origin, and for plain HTTP that leaves the machine
   */
  constructor(origins: readonly string[]) {
    super({ secure: ACCESS_TOKEN_COOKIE, development: DEVELOPMENT_ACCESS_TOKEN_COOKIE }, origins);
  }

  /**
   * The token of a request that its user meant. Who is no browser needs no cookie, so a request that
   * does not tell where it comes from has no other way to show that it is meant.
   *
   * @returns undefined where there is none, or more than one
   * @throws AccessTokenException 403
   */
  tokenOf(request: HttpRequest): string | undefined {
    const token = this.read(request);
    if (token !== undefined && !isMeant(request, this))
      throw notMeant(
        'origin_missing',
        'The request does not say where it comes from',
        'send Origin, or the token as Authorization: Bearer',
      );
    return token;
  }
}

/**
 * The access token of a request. An `Authorization` header counts before the cookie, since a browser
 * adds the cookie unasked.
 *
 * @param cookie where tokens may travel in one
 * @throws AccessTokenException 401 where there is none, 400 for a malformed header, 403 from a foreign page
 */
export function requireAccessToken(
  request: HttpRequest,
  cookie: AccessTokenCookie | undefined,
): string {
  const { authorization } = request.headers;
  const kept = authorization === undefined ? cookie?.tokenOf(request) : undefined;
  return kept ?? requireBearerToken(request);
}
