import { malformedRequest, missingToken } from './access-token.exception.js';

/** What both platforms' requests have. */
export interface HttpRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly method?: string;
  /** Fastify keeps Node's request here. */
  readonly raw?: { readonly rawHeaders?: readonly string[] };
  /** Express's request is Node's. */
  readonly rawHeaders?: readonly string[];
}

/** The scheme in any case, then one space or more (RFC 6750 §2.1, RFC 9110 §11.4). */
const BEARER = /bearer +/iy;

/**
 * The bearer token of a request: from the `Authorization` header, which must be there once. A token
 * in a query or a body (RFC 6750 §2.2, §2.3) ends up in logs and histories, and is not read. What a
 * token is made of is for the verifier to judge: whatever is no token gets 401, as other bad ones do.
 *
 * @throws AccessTokenException 401 where there is none, 400 where the header is malformed
 */
export function requireBearerToken(request: HttpRequest): string {
  const header = request.headers['authorization'];
  if (header === undefined) throw missingToken();
  if (typeof header !== 'string' || countAuthorizationHeaders(request) > 1) {
    throw malformedRequest('Authorization must be sent once');
  }
  BEARER.lastIndex = 0;
  // Another scheme, or the scheme alone: no bearer token was sent.
  if (!BEARER.test(header) || BEARER.lastIndex === header.length) throw missingToken();
  const token = header.slice(BEARER.lastIndex);
  if (token.includes(' ')) throw malformedRequest('Authorization is not Bearer <token>');
  return token;
}

/** Node drops the second of two in silence; only the raw list still has it. */
function countAuthorizationHeaders(request: HttpRequest): number {
  const names = request.raw?.rawHeaders ?? request.rawHeaders ?? [];
  let count = 0;
  for (let index = 0; index < names.length; index += 2) {
    const name = names[index]!;
    if (name.length === 13 && name.toLowerCase() === 'authorization') count++;
  }
  return count;
}
