import { CallFailedError, ProblemError } from '@latchkey/service-kit';
import type { Refusal } from '../orders/order.entity.js';

/** Another service's final refusal of the order itself. */
export class OrderRefusedError extends Error {
  override readonly name = 'OrderRefusedError';
  constructor(readonly refusal: Refusal) {
    super(refusal.title);
  }
}

const REFUSALS = new Set([409, 422]);

/** Translates a 4xx of another service into a refusal of the order, or of the caller. Other errors are unchanged. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof CallFailedError)) return error;
  const { status, problem, service } = error;
  if (status === 401) return tokenRefused(service, error);
  if (status === 403) return scopeMissing(service, problem?.title, error);
  if (!problem || !REFUSALS.has(status)) return error;
  const { code, title, detail, errors } = problem;
  return new OrderRefusedError({ status, code, title, detail, errors });
}

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
