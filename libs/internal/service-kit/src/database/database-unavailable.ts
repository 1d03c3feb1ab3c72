import { types } from 'node:util';

/**
 * Why the database did not execute a valid statement: `unreachable` (no connection), `busy` (all connections
 * are in use) or `slow` (no answer in time).
 */
export type DatabaseTrouble = 'unreachable' | 'busy' | 'slow';

/** No connection of the pool became free within the time that a caller waits for one. */
export class PoolBusyError extends Error {
  override readonly name = 'PoolBusyError';
  constructor(options?: ErrorOptions) {
    super('all connections of the pool are in use', options);
  }
}

/** pg-pool's message when its queue times out. A connection that cannot be opened in time is "terminated". */
export const POOL_TIMEOUT = /timeout exceeded when trying to connect/i;

/** Postgres error codes (PostgreSQL appendix A); the first matching pattern wins. */
const SQLSTATES: readonly (readonly [RegExp, DatabaseTrouble])[] = [
  [/^53300$/, 'busy'],
  [/^57014$|^55P03$|^25P0[34]$/, 'slow'],
  [/^(08|53|57P)|^25006$/, 'unreachable'],
];
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** pg, pg-pool and TypeORM give these errors no code. */
const MESSAGES: readonly (readonly [RegExp, DatabaseTrouble])[] = [
  [POOL_TIMEOUT, 'busy'],
  [/all connections of the pool are in use/, 'busy'],
  [/Query read timeout/i, 'slow'],
  [
    /connection terminated|connection ended|client has encountered a connection error|not queryable|DataSource is not|Connection is not established|Cannot use a pool after calling end|Driver not Connected|is not connected/i,
    'unreachable',
  ],
];

/** @returns undefined for an error that says nothing about the state of the database */
export function databaseTroubleOf(error: unknown): DatabaseTrouble | undefined {
  // Errors of Node's own modules come from another realm under Jest.
  if (!types.isNativeError(error)) return undefined;
  const { code, driverError } = error as { code?: unknown; driverError?: unknown };
  const known = byCode(code) ?? matching(MESSAGES, error.message);
  if (known !== undefined) return known;
  if (error.name === 'CannotExecuteNotConnectedError') return 'unreachable';
  if ('errors' in error && Array.isArray(error.errors))
    return error.errors.map(databaseTroubleOf).find((trouble) => trouble !== undefined);
  return databaseTroubleOf(driverError);
}

/** Whether an error means that the database is down or overloaded, rather than that the query was wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return databaseTroubleOf(error) !== undefined;
}

function byCode(code: unknown): DatabaseTrouble | undefined {
  if (typeof code !== 'string') return undefined;
  return NETWORK_CODES.has(code) ? 'unreachable' : matching(SQLSTATES, code);
}

function matching(
  patterns: readonly (readonly [RegExp, DatabaseTrouble])[],
  text: string,
): DatabaseTrouble | undefined {
  return patterns.find(([pattern]) => pattern.test(text))?.[1];
}
