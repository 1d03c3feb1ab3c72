import type { Problem } from '@latchkey/contracts';
import { TokenError, VerifierUnavailableError, type TokenErrorCode } from '@latchkey/verifier';
import { HttpException } from '@nestjs/common';
import type { HttpResponse } from './handler-context.js';

/** An answer of the guard: a problem document (RFC 9457) with its headers (RFC 6750 §3). */
export class AccessTokenException extends HttpException {
  override readonly name = 'AccessTokenException';
  constructor(
    problem: Omit<Problem, 'type'>,
    readonly headers: Readonly<Record<string, string>>,
    options?: { cause?: unknown },
  ) {
    super({ type: `urn:latchkey:problem:${problem.code}`, ...problem }, problem.status, options);
    this.message = problem.title;
  }

  /** For GraphQL: graphql-js copies this to the error, in the form that Nest gives to other exceptions. */
  get extensions(): Readonly<Record<string, unknown>> {
    const code = GRAPHQL_CODES.get(this.getStatus()) ?? 'INTERNAL_SERVER_ERROR';
    return { code, originalError: this.getResponse() };
  }

  /** For a filter of the application's own. Does nothing where headers can no longer be set. */
  putHeadersOn(response: HttpResponse | undefined): void {
    if (!response || response.headersSent) return;
    for (const [name, value] of Object.entries(this.headers)) response.header(name, value);
  }
}

/** The names that Apollo's clients look for. */
const GRAPHQL_CODES = new Map([
  [400, 'BAD_REQUEST'],
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [503, 'SERVICE_UNAVAILABLE'],
]);

/** The caller learns this much; the precise code is for the log. A new code must be placed here. */
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

/** No credentials: the challenge carries no error code (RFC 6750 §3.1). */
export function missingToken(): AccessTokenException {
  return new AccessTokenException(
    { status: 401, code: 'missing_token', title: 'An access token is needed' },
    { 'www-authenticate': 'Bearer' },
  );
}

/** 400: what was sent cannot be read as one bearer token (RFC 6750 §3.1). */
export function malformedRequest(detail: string): AccessTokenException {
  return new AccessTokenException(
    {
      status: 400,
      code: 'invalid_request',
      title: 'The Authorization header is malformed',
      detail,
    },
    { 'www-authenticate': `Bearer error="invalid_request", error_description="${detail}"` },
  );
}

/** 400: `Revocation-Min-Position` is not what an answer's `Revocation-Position` said. */
export function malformedPosition(): AccessTokenException {
  const title = 'The Revocation-Min-Position header is malformed';
  const detail = 'Send the Revocation-Position of an answer as it was, or none';
  return new AccessTokenException({ status: 400, code: 'malformed_position', title, detail }, {});
}

/** 403, for a scope that only some uses of a route need; `@RequireScopes` does it for whole routes. */
export function insufficientScope(required: readonly string[]): AccessTokenException {
  const scope = required.join(' ');
  return new AccessTokenException(
    { status: 403, code: 'insufficient_scope', title: `The token lacks the scope ${scope}` },
    { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
  );
}

/** What a failed verification looks like from outside. Anything unexpected is passed on as it is. */
export function verificationFailed(error: unknown): unknown {
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
