import { requireBearerToken } from './bearer-token.js';
import { assertAllowedOrigin, csrfError } from './csrf.js';
import { HostCookie } from './host-cookie.js';
import type { HttpRequest } from './http-message.js';

/** Name of the cookie that holds an access token. */
export const ACCESS_TOKEN_COOKIE = '__Host-access-token';
/** Its name on plain HTTP, for development on one machine. */
export const DEVELOPMENT_ACCESS_TOKEN_COOKIE = 'access-token-development';

/** The cookie in which a browser may send an access token. Only pages of the allowed origins can use it. */
export class AccessTokenCookie extends HostCookie {
  /**
   * @param origins origins of the pages that may use the cookie, such as `https://shop.example.com`
   * @throws TypeError that names `cookieOrigins`, as {@link HostCookie} does
   */
  constructor(origins: readonly string[]) {
    const names = {
      secure: ACCESS_TOKEN_COOKIE,
      development: DEVELOPMENT_ACCESS_TOKEN_COOKIE,
    } as const;
    super(names, origins, 'cookieOrigins');
  }

  /**
   * Reads the token of a request and checks it for CSRF. A state-changing request that names no origin is
   * rejected: a client that is not a browser can send a bearer token instead.
   *
   * @returns undefined if the cookie is missing or was sent more than once
   * @throws AccessTokenException 403 `cross_origin` or `origin_missing`
   */
  tokenOf(request: HttpRequest): string | undefined {
    const token = this.read(request);
    if (token !== undefined)
      assertAllowedOrigin(request, this, () => {
        throw csrfError(
          'origin_missing',
          'The request does not name its origin',
          'Send the Origin header, or send the token as Authorization: Bearer',
        );
      });
    return token;
  }
}

/**
 * Reads the access token of a request. An `Authorization` header takes precedence over the cookie, which
 * browsers attach on their own.
 *
 * @param cookie if tokens may be sent in a cookie
 * @throws AccessTokenException 401 without a token, 400 for a malformed header, 403 for a cross-origin cookie
 */
export function requireAccessToken(
  request: HttpRequest,
  cookie: AccessTokenCookie | undefined,
): string {
  const { authorization } = request.headers;
  const fromCookie = authorization === undefined ? cookie?.tokenOf(request) : undefined;
  return fromCookie ?? requireBearerToken(request);
}
