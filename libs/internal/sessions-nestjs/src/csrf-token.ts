import { isCsrfToken } from '@latchkey/sessions';
import { isMeant, notMeant, type HttpRequest } from '@latchkey/verifier-nestjs/guards';
import type { SessionCookie } from './session-cookie.js';

/** In which a request shows a token of its session. */
export const CSRF_HEADER = 'x-csrf-token';

/**
 * Whether a request with this cookie was meant by the user. What the browser says counts; a request
 * that says nothing comes from an old browser or from no browser, and must show that its sender knows
 * the session.
 *
 * @throws AccessTokenException 403
 */
export function checkMeant(request: HttpRequest, cookie: SessionCookie, credential: string): void {
  if (isMeant(request, cookie)) return;
  const token = request.headers[CSRF_HEADER];
  if (typeof token !== 'string' || !isCsrfToken(token, credential))
    throw notMeant(
      'csrf_token_missing',
      'The request does not say where it comes from',
      'send X-CSRF-Token, which GET /session answers, or Origin',
    );
}
