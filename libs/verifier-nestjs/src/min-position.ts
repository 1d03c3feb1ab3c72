import { REVOCATION_MIN_POSITION_HEADER, REVOCATION_POSITION_PATTERN } from '@latchkey/contracts';
import type { VerifyOptions } from '@latchkey/verifier';
import { malformedPosition } from './access-token.exception.js';
import type { HttpRequest } from './http-message.js';

/**
 * Adds the position of the `Revocation-Min-Position` header to the options of a route: a client that has
 * just logged out sends it, so that no service accepts the token by an older deny-list.
 *
 * @throws AccessTokenException 400 if the header is malformed
 */
export function withMinPosition(options: VerifyOptions, { headers }: HttpRequest): VerifyOptions {
  const header = headers[REVOCATION_MIN_POSITION_HEADER];
  if (header === undefined) return options;
  if (typeof header !== 'string' || !REVOCATION_POSITION_PATTERN.test(header))
    throw malformedPosition();
  return { ...options, minSerial: Number(header) };
}
