import { isCsrfToken } from '@latchkey/sessions';
import { AccessTokenException } from '@latchkey/verifier-nestjs';
import type { HttpRequest } from '@latchkey/verifier-nestjs/guards';
import type { SessionCookie } from './session-cookie.js';

export const CSRF_HEADER = 'x-csrf-token';

/** They change nothing (RFC 9110 §9.2.1), and what they answer a foreign page does not see. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

const refused = (code: string, title: string, detail: string) =>
  new AccessTokenException({ status: 403, code, title, detail }, {});

/**
 * Whether a request with this cookie was meant by the user: a browser sends the cookie whatever page
 * asks for it. What the browser says counts; a request that says nothing comes from an old browser or
 * from no browser, and must show that its sender knows the session.
 *
 * @throws AccessTokenException 403
 */
export function checkOrigin(
  request: HttpRequest & { readonly method?: string },
  cookie: SessionCookie,
  credential: string,
): void {
  if (SAFE_METHODS.has(request.method ?? '')) return;
  if (saysItsOrigin(request, cookie)) return;
  const token = request.headers[CSRF_HEADER];
  if (typeof token !== 'string' || !isCsrfToken(token, credential))
    throw refused(
      'csrf_token_missing',
      'The request does not say where it comes from',
      `send X-CSRF-Token, which GET /session answers, or Origin`,
    );
}

/**
 * For a request that no cookie is needed for yet.
 *
 * @returns false when the request does not tell
 * @throws AccessTokenException 403 when it comes from elsewhere
 */
export function saysItsOrigin(request: HttpRequest, cookie: SessionCookie): boolean {
  const origin = originOf(request, (one) => cookie.isOrigin(one));
  if (origin === 'foreign')
    throw refused(
      'cross_origin',
      'The cookie counts for its own pages only',
      'another page sent this',
    );
  return origin === 'own';
}

/**
 * Whose page a browser says that it comes from. A neighbouring subdomain is the same site, and foreign.
 */
export function originOf(
  { headers }: HttpRequest,
  isOwn: (origin: string) => boolean,
): 'own' | 'foreign' | 'unsaid' {
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin === undefined && site === undefined) return 'unsaid';
  const own = origin === undefined ? site === 'same-origin' : isOwn(String(origin));
  return own ? 'own' : 'foreign';
}
