import { CallFailedError, ProblemError } from '@latchkey/service-kit';
import type { Refusal } from '../orders/order-row.js';

/** Another service's verdict on the order itself, final as it is. */
export class OrderRefusedError extends Error {
  override readonly name = 'OrderRefusedError';
  constructor(readonly refusal: Refusal) {
    super(refusal.title);
  }
}

const VERDICTS = new Set([409, 422]);

/** What the refusal of a call means for the order, or for its caller. Other errors stay as they are. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof CallFailedError)) return error;
  const { status, problem, service } = error;
  if (status === 401) return tokenRefused(service, error);
  if (status === 403) return scopeMissing(service, problem?.title, error);
  if (!problem || !VERDICTS.has(status)) return error;
  const { code, title, detail, errors } = problem;
  return new OrderRefusedError({ status, code, title, detail, errors });
}

/** Logged out on the way, perhaps: with a new token the same key goes on. */
const tokenRefused = (service: string, cause: unknown) =>
  new ProblemError(401, 'invalid_token', `The access token is not valid at ${service}`, {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    cause,
  });

const scopeMissing = (service: string, detail: string | undefined, cause: unknown) =>
  new ProblemError(403, 'insufficient_scope', `The token lacks a scope that ${service} asks for`, {
    ...(detail !== undefined && { detail }),
    headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' },
    cause,
  });
