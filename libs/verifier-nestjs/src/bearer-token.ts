import { malformedRequest, missingToken } from './access-token.exception.js';
import type { HttpRequest } from './http-message.js';

/** The scheme is case-insensitive and one or more spaces follow (RFC 6750 §2.1, RFC 9110 §11.4). */
const BEARER = /bearer +/iy;

/**
 * Reads the bearer token from the `Authorization` header, which must be sent exactly once. Tokens in the
 * query or the body (RFC 6750 §2.2, §2.3) are ignored, because they end up in logs and browser histories.
 * The verifier judges the token itself, so text that is not a JWT gets the same 401 as any bad token.
 *
 * @throws AccessTokenException 401 without a token, 400 if the header is malformed
 */
export function requireBearerToken(request: HttpRequest): string {
  const header = request.headers['authorization'];
  if (header === undefined) throw missingToken();
  if (typeof header !== 'string' || countAuthorizationHeaders(request) > 1) {
    throw malformedRequest('Authorization must be sent once');
  }
  BEARER.lastIndex = 0;
  // A header with another scheme, or with the scheme alone, does not hold a bearer token.
  if (!BEARER.test(header) || BEARER.lastIndex === header.length) throw missingToken();
  const token = header.slice(BEARER.lastIndex);
  if (token.includes(' ')) throw malformedRequest('Authorization must be Bearer <token>');
  return token;
}

/** Node.js silently drops a second `Authorization` header; only the raw headers still hold it. */
function countAuthorizationHeaders(request: HttpRequest): number {
  const names = request.raw?.rawHeaders ?? request.rawHeaders ?? [];
  let count = 0;
  for (let index = 0; index < names.length; index += 2) {
    const name = names[index]!;
    if (name.length === 13 && name.toLowerCase() === 'authorization') count++;
  }
  return count;
}
