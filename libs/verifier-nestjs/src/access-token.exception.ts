import type { Problem } from '@latchkey/contracts';
import { HttpException } from '@nestjs/common';
import type { HttpResponse } from './http-message.js';

/** An error response of a guard: a problem document (RFC 9457) and its headers (RFC 6750 §3). */
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

  /** graphql-js copies these to the GraphQL error; the shape is the one Nest gives to other exceptions. */
  get extensions(): Readonly<Record<string, unknown>> {
    const code = GRAPHQL_CODES.get(this.getStatus()) ?? 'INTERNAL_SERVER_ERROR';
    return { code, originalError: this.getResponse() };
  }

  /** Sets {@link headers} on a response. Does nothing without one, or if its headers have been sent. */
  setHeadersOn(response: HttpResponse | undefined): void {
    if (!response || response.headersSent) return;
    for (const [name, value] of Object.entries(this.headers)) response.header(name, value);
  }
}

/** The codes that Apollo clients expect. */
const GRAPHQL_CODES = new Map([
  [400, 'BAD_REQUEST'],
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [503, 'SERVICE_UNAVAILABLE'],
]);

/** 401. A request without credentials gets a challenge without an error code (RFC 6750 §3.1). */
export function missingToken(): AccessTokenException {
  return new AccessTokenException(
    { status: 401, code: 'missing_token', title: 'An access token is required' },
    { 'www-authenticate': 'Bearer' },
  );
}

/** 400. The `Authorization` header does not hold exactly one bearer token (RFC 6750 §3.1). */
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

/** 400. `Revocation-Min-Position` is not the value of a `Revocation-Position` header. */
export function malformedPosition(): AccessTokenException {
  const title = 'The Revocation-Min-Position header is malformed';
  const detail = 'Copy it from the Revocation-Position header of a response, or omit it';
  return new AccessTokenException({ status: 400, code: 'malformed_position', title, detail }, {});
}

/** 400. The `Txn-Token` header does not hold exactly one token. */
export function malformedTransactionToken(): AccessTokenException {
  const title = 'The Txn-Token header is malformed';
  const detail = 'Send exactly one transaction token, as it was received';
  return new AccessTokenException(
    { status: 400, code: 'malformed_transaction_token', title, detail },
    {},
  );
}

/** 403. The service does not take part in transactions, so it cannot act for the subject of one. */
export function transactionTokenNotAccepted(): AccessTokenException {
  const title = 'This service does not accept transaction tokens';
  const detail = 'Call it without Txn-Token';
  return new AccessTokenException(
    { status: 403, code: 'transaction_token_not_accepted', title, detail },
    {},
  );
}

/**
 * 401. Its code differs from that of an invalid access token, because another access token would not
 * help the caller.
 */
export function invalidTransactionToken(cause: unknown): AccessTokenException {
  const title = 'The transaction token is not valid';
  return new AccessTokenException(
    { status: 401, code: 'invalid_transaction_token', title },
    { 'www-authenticate': `Bearer error="invalid_token", error_description="${title}"` },
    { cause },
  );
}

/**
 * Creates a 403 for a scope that a handler requires only in some cases. If every call requires the scope,
 * use `@RequireScopes()`.
 */
export function insufficientScope(required: readonly string[]): AccessTokenException {
  const scope = required.join(' ');
  return new AccessTokenException(
    { status: 403, code: 'insufficient_scope', title: `The token lacks the scope ${scope}` },
    { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
  );
}

/**
 * 403. The route may be called by certain services only. RFC 6750 §3.1 has one code for a token that is
 * valid but not enough; the description says what it lacks.
 */
export function callerNotAllowed(detail: string): AccessTokenException {
  const title = 'The caller may not use this route';
  return new AccessTokenException(
    { status: 403, code: 'caller_not_allowed', title, detail },
    { 'www-authenticate': `Bearer error="insufficient_scope", error_description="${detail}"` },
  );
}
