import { AccessTokenException } from './access-token.exception.js';
import type { HttpRequest } from './bearer-token.js';
import type { HostCookie } from './host-cookie.js';

/** They change nothing (RFC 9110 §9.2.1), and what they answer a foreign page does not see. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request with this cookie was meant by the user, as far as its browser says: that sends the
 * cookie along whatever page asks for it.
 *
 * @returns false when the request changes something and does not tell where it comes from
 * @throws AccessTokenException 403 when it changes something and comes from elsewhere
 */
export function isMeant(request: HttpRequest, cookie: HostCookie): boolean {
  return SAFE_METHODS.has(request.method ?? '') || saysItsOrigin(request, cookie);
}

/**
 * The same for a request that no cookie is needed for yet, such as a log-in.
 *
 * @returns false when the request does not tell
 * @throws AccessTokenException 403 when it comes from elsewhere
 */
export function saysItsOrigin(request: HttpRequest, cookie: HostCookie): boolean {
  const origin = originOf(request, (one) => cookie.isOrigin(one));
  if (origin === 'foreign')
    throw notMeant(
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

/** 403: nothing shows that the user meant this. */
export function notMeant(code: string, title: string, detail: string): AccessTokenException {
  return new AccessTokenException({ status: 403, code, title, detail }, {});
}
