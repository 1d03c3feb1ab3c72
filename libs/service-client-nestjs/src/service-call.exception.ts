import type { Problem } from '@latchkey/contracts';
import {
  CallFailedError,
  ServiceTokenError,
  ServiceUnavailableError,
} from '@latchkey/service-client';
import { HttpException } from '@nestjs/common';

/** The response to a request whose calls failed: a problem document (RFC 9457) and its headers. */
export class ServiceCallException extends HttpException {
  override readonly name = 'ServiceCallException';
  constructor(
    problem: Omit<Problem, 'type'>,
    readonly headers: Readonly<Record<string, string>>,
    options?: { cause?: unknown },
  ) {
    super({ type: `urn:latchkey:problem:${problem.code}`, ...problem }, problem.status, options);
    this.message = problem.title;
  }
}

/**
 * Converts an error of the service client to the response that it means for the caller. The error itself,
 * with its details, is the `cause`.
 *
 * - The user's credential is the reason: 401, as the guard would have answered a moment later.
 * - The user's token lacks a scope of the call: 403.
 * - The service or the issuer is unavailable: 503.
 * - The service refused a call that the handler did not expect to be refused, or the issuer refused this
 *   service itself: 502. It is not the caller's fault.
 *
 * @returns undefined for any other error
 */
export function toServiceCallException(error: unknown): ServiceCallException | undefined {
  if (error instanceof ServiceTokenError) return withoutToken(error);
  if (error instanceof ServiceUnavailableError) {
    const retryAfter = String(Math.ceil(error.retryAfterSeconds ?? 1));
    const title = 'A service that this one needs is unavailable';
    const problem = { status: 503, code: 'service_unavailable', title };
    return new ServiceCallException(problem, { 'retry-after': retryAfter }, { cause: error });
  }
  if (error instanceof CallFailedError)
    return badGateway('A service that this one needs sent an unexpected answer', error);
  return undefined;
}

function withoutToken(error: ServiceTokenError): ServiceCallException {
  if (error.isCredentialInvalid) {
    const title = 'The access token is not valid';
    const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' };
    return new ServiceCallException({ status: 401, code: 'invalid_token', title }, challenge, {
      cause: error,
    });
  }
  if (error.code === 'invalid_scope' && error.grant === 'token_exchange') {
    const title = 'The token lacks a scope that the request needs';
    const challenge = { 'www-authenticate': 'Bearer error="insufficient_scope"' };
    return new ServiceCallException({ status: 403, code: 'insufficient_scope', title }, challenge, {
      cause: error,
    });
  }
  return badGateway('This service got no token for a service that it needs', error);
}

const badGateway = (title: string, cause: Error) =>
  new ServiceCallException({ status: 502, code: 'bad_gateway', title }, {}, { cause });
