import { isCsrfToken } from '@latchkey/sessions';
import { assertAllowedOrigin, csrfError, type HttpRequest } from '@latchkey/verifier-nestjs/guards';
import type { SessionCookie } from './session-cookie.js';

/** Name of the header in which a request sends the CSRF token of its session. */
export const CSRF_HEADER = 'x-csrf-token';

/**
 * CSRF check for a request that a session cookie authenticates. A state-changing request that names no
 * origin comes from an old browser or from another program, and must carry the session's CSRF token.
 *
 * @throws AccessTokenException 403 `cross_origin` or `csrf_token_missing`
 */
export function assertCsrf(request: HttpRequest, cookie: SessionCookie, credential: string): void {
  assertAllowedOrigin(request, cookie, () => {
    const token = request.headers[CSRF_HEADER];
    if (typeof token !== 'string' || !isCsrfToken(token, credential))
      throw csrfError(
        'csrf_token_missing',
        'The request does not name its origin',
        'Send the Origin header, or X-CSRF-Token with the csrfToken of GET /session',
      );
  });
}
