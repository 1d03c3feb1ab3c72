import { ProblemError } from '@latchkey/service-kit';

/** 401 for a credential that is invalid, revoked or expired (RFC 6750 §3.1). */
export const invalidToken = (credential: 'token' | 'access token' = 'token') =>
  new ProblemError(401, 'invalid_token', `The ${credential} is not valid`, {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
