import { ProblemError } from '@latchkey/service-kit';

/** RFC 6749 §5.2 requires the challenge after Basic authentication, RFC 9110 §15.5.2 with every 401. */
export const invalidClient = (title = 'The client is unknown or its credentials are wrong') =>
  new ProblemError(401, 'invalid_client', title, {
    headers: { 'www-authenticate': 'Basic realm="latchkey"' },
  });
