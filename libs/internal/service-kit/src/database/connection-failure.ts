/** `invalid_password`, `invalid_authorization_specification` (PostgreSQL appendix A). */
const REFUSED = new Set(['28P01', '28000']);

/**
 * The log message for a failed connection. Retrying does not help against a refused password, which in containers
 * usually has one cause.
 */
export function connectionFailureMessage(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code !== 'string' || !REFUSED.has(code)) return 'database not ready, retrying';
  return (
    'Postgres refuses the user or password of DATABASE_URL, retrying. A volume keeps the passwords that it was ' +
    'created with: if .env is new, restore the old one, or remove the volume and its data'
  );
}
