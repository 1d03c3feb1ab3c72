import { REVOCATION_MIN_POSITION_HEADER } from '@latchkey/contracts';
import type { VerifyOptions } from '@latchkey/verifier';
import { malformedPosition } from './access-token.exception.js';
import type { HttpRequest } from './bearer-token.js';

/** As `Revocation-Position` is written; any of these is a safe integer. */
const POSITION = /^\d{1,15}$/;

/**
 * The route's options, with what the caller has seen revoked.
 *
 * @throws AccessTokenException 400 for a header that is not a position
 */
export function withMinPosition(options: VerifyOptions, { headers }: HttpRequest): VerifyOptions {
  const header = headers[REVOCATION_MIN_POSITION_HEADER];
  if (header === undefined) return options;
  if (typeof header !== 'string' || !POSITION.test(header)) throw malformedPosition();
  return { ...options, minPosition: Number(header) };
}
