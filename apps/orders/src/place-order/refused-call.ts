import { Problem } from '@latchkey/contracts';
import { ProblemError, unavailable } from '@latchkey/service-kit';
import {
  CallFailedError,
  ServiceTokenError,
  ServiceUnavailableError,
} from '@latchkey/service-client';
import type { Refusal } from '../orders/order.entity.js';

/** Another service's final refusal of the order itself. */
export class OrderRefusedError extends Error {
  override readonly name = 'OrderRefusedError';
  constructor(readonly refusal: Refusal) {
    super(refusal.title);
  }
}

const REFUSALS = new Set([409, 422]);

/** Translates the failure of a call into a refusal of the order or of the caller, or into a 502 or 503. */
export function asProblem(service: string, error: unknown): unknown {
  if (error instanceof ServiceUnavailableError)
    return error.service === service
      ? unavailable(`${service}_unavailable`, `${service} cannot be reached`, error)
      : noToken(service, error);
  if (error instanceof ServiceTokenError) {
    if (error.isCredentialInvalid) return tokenRefused(service, error);
    if (error.code === 'invalid_scope') return scopeMissing(service, undefined, error);
    return noToken(service, error);
  }
  return error instanceof CallFailedError ? refusalOf(service, error) : error;
}

function refusalOf(service: string, error: CallFailedError): unknown {
  const { status } = error;
  const { data: problem } = Problem.safeParse(error.problem?.document);
  if (status === 401) return tokenRefused(service, error);
  if (problem?.code === 'insufficient_scope') return scopeMissing(service, problem.title, error);
  if (problem && REFUSALS.has(status)) {
    const { code, title, detail, errors } = problem;
    return new OrderRefusedError({ status, code, title, detail, errors });
  }
  return new ProblemError(502, 'bad_gateway', `${service} sent an unexpected answer`, {
    cause: error,
  });
}

/** The auth service is down, or does not let orders call the service. */
const noToken = (service: string, cause: unknown) =>
  unavailable('token_unavailable', `There is no token for a call to ${service}`, cause);

/** The user may have logged out meanwhile. With a new token, the same key continues the order. */
const tokenRefused = (service: string, cause: unknown) =>
  new ProblemError(401, 'invalid_token', `The access token is not valid at ${service}`, {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    cause,
  });

const scopeMissing = (service: string, detail: string | undefined, cause: unknown) =>
  new ProblemError(403, 'insufficient_scope', `The token lacks a scope that ${service} requires`, {
    ...(detail !== undefined && { detail }),
    headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' },
    cause,
  });
