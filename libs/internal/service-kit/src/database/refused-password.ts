/** `invalid_password`, `invalid_authorization_specification` (PostgreSQL appendix A). */
const REFUSED = new Set(['28P01', '28000']);

/**
 * What to say about a database that cannot be connected to. A refused password does not mend itself, and
 * with containers it has one usual cause.
 */
export function whyNotReady(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code !== 'string' || !REFUSED.has(code)) return 'database not ready, trying again';
  return (
    'Postgres refuses the user or password of DATABASE_URL, trying again. A volume keeps the passwords ' +
    'that it was made with: with a new .env bring the old one back, or remove the volume and its data'
  );
}
