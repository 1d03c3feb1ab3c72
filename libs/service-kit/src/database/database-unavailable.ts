import { types } from 'node:util';

/** Postgres error classes and codes that say "not now", or "not in time" (PostgreSQL appendix A). */
const UNAVAILABLE_SQLSTATE = /^(08|53|57P)|^(25006|57014)$/;
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const MESSAGES =
  /connection terminated|connection ended|timeout exceeded when trying to connect|client has encountered a connection error|not queryable|DataSource is not|Connection is not established|Cannot use a pool after calling end|Query read timeout|Driver not Connected|is not connected/i;

/** Whether an error means that the database is away, rather than that a query was wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  // Errors of Node's own modules come from another realm under Jest.
  if (!types.isNativeError(error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (UNAVAILABLE_SQLSTATE.test(code) || NETWORK_CODES.has(code))) {
    return true;
  }
  if (MESSAGES.test(error.message) || error.name === 'CannotExecuteNotConnectedError') return true;
  if ('errors' in error && Array.isArray(error.errors))
    return error.errors.some(isDatabaseUnavailable);
  return isDatabaseUnavailable((error as { driverError?: unknown }).driverError);
}
