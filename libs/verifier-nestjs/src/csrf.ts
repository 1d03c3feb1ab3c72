import { AccessTokenException } from './access-token.exception.js';
import type { HostCookie } from './host-cookie.js';
import type { HttpRequest } from './http-message.js';

/**
 * Methods that change nothing (RFC 9110 §9.2.1). The same-origin policy keeps another page from reading
 * the response.
 */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a request comes from an allowed page; `missing` without `Origin` and `Sec-Fetch-Site`. */
export type RequestOrigin = 'allowed' | 'cross-origin' | 'missing';

/**
 * CSRF check for a request that a cookie authenticates. Browsers attach the cookie to requests from any
 * page, so a state-changing request must come from an allowed origin.
 *
 * @param onMissingOrigin called for a state-changing request that names no origin; throws unless the
 *   request carries other proof, such as a CSRF token
 * @throws AccessTokenException 403 `cross_origin`
 */
export function assertAllowedOrigin(
  request: HttpRequest,
  cookie: HostCookie,
  onMissingOrigin: () => void,
): void {
  if (SAFE_METHODS.has(request.method ?? '')) return;
  const origin = originOf(request, cookie.allowsOrigin);
  if (origin === 'cross-origin') throw crossOrigin();
  if (origin === 'missing') onMissingOrigin();
}

/**
 * CSRF check for a request that does not need the cookie yet, such as a log-in: otherwise another page
 * could log the user in to an account of its choice. A client that sends neither `Origin` nor
 * `Sec-Fetch-Site` is not a browser and passes.
 *
 * @throws AccessTokenException 403 `cross_origin`
 */
export function assertNotCrossOrigin(request: HttpRequest, cookie: HostCookie): void {
  if (originOf(request, cookie.allowsOrigin) === 'cross-origin') throw crossOrigin();
}

/**
 * Classifies a request by its `Origin` header, or by `Sec-Fetch-Site` if there is none. A sibling
 * subdomain is the same site but not the same origin, and so is `cross-origin`.
 */
export function originOf(
  { headers }: HttpRequest,
  isAllowed: (origin: string) => boolean,
): RequestOrigin {
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin === undefined && site === undefined) return 'missing';
  const allowed = origin === undefined ? site === 'same-origin' : isAllowed(String(origin));
  return allowed ? 'allowed' : 'cross-origin';
}

/** The 403 response to a request that fails a CSRF check. */
export function csrfError(code: string, title: string, detail: string): AccessTokenException {
  return new AccessTokenException({ status: 403, code, title, detail }, {});
}

const crossOrigin = () =>
  csrfError(
    'cross_origin',
    'The request comes from an origin that may not use this cookie',
    'Send it from a page of an allowed origin',
  );
