import { TokenError, VerifierUnavailableError, type TokenErrorCode } from '@latchkey/verifier';
import type { ExecutionContext } from '@nestjs/common';
import { AccessTokenException } from './access-token.exception.js';
import { responseOf } from './handler-context.js';

/** Clients learn the status only; the code goes to `onOutcome`. A new code must be added here to compile. */
const STATUS = {
  too_large: 401,
  malformed: 401,
  unsupported_header: 401,
  wrong_type: 401,
  wrong_algorithm: 401,
  unknown_key: 401,
  bad_signature: 401,
  invalid_claims: 401,
  untrusted_issuer: 401,
  wrong_audience: 401,
  expired: 401,
  not_yet_valid: 401,
  lifetime_too_long: 401,
  sender_constrained: 401,
  revoked: 401,
} as const satisfies Record<TokenErrorCode, number>;

const RETRY_AFTER_SECONDS = '1';

/**
 * Converts an error of the verifier to the exception that a guard throws: 401 for a rejected token, 503
 * if it cannot be verified now. Any other error is returned unchanged.
 *
 * Also sets the challenge on the response, so that it is sent whichever exception filter renders the body.
 */
export function toHttpException(error: unknown, context: ExecutionContext): unknown {
  const exception = error instanceof AccessTokenException ? error : verificationFailed(error);
  if (exception instanceof AccessTokenException) exception.setHeadersOn(responseOf(context));
  return exception;
}

function verificationFailed(error: unknown): unknown {
  if (error instanceof TokenError) {
    return new AccessTokenException(
      { status: STATUS[error.code], code: 'invalid_token', title: 'The access token is not valid' },
      { 'www-authenticate': 'Bearer error="invalid_token"' },
      { cause: error },
    );
  }
  if (error instanceof VerifierUnavailableError) {
    return new AccessTokenException(
      { status: 503, code: error.code, title: 'Access tokens cannot be verified at the moment' },
      { 'retry-after': RETRY_AFTER_SECONDS },
      { cause: error },
    );
  }
  return error;
}
