import { REVOCATION_MIN_POSITION_HEADER, REVOCATION_POSITION_PATTERN } from '@latchkey/contracts';
import type { VerifyOptions } from '@latchkey/verifier';
import { malformedPosition } from './access-token.exception.js';
import type { HttpRequest } from './http-message.js';

/**
 * The route's options, with what the caller has seen revoked.
 *
 * @throws AccessTokenException 400 for a header that is not a position
 */
export function withMinPosition(options: VerifyOptions, { headers }: HttpRequest): VerifyOptions {
  const header = headers[REVOCATION_MIN_POSITION_HEADER];
  if (header === undefined) return options;
  if (typeof header !== 'string' || !REVOCATION_POSITION_PATTERN.test(header))
    throw malformedPosition();
  return { ...options, minSerial: Number(header) };
}
