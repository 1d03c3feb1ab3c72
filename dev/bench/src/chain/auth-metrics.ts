import { call } from '@latchkey/local-stack';

/** Auth's own counters since it started. */
export interface AuthCounts {
  /** Requests to `/oauth/token`, whatever their outcome. */
  readonly tokenRequests: number;
  /** Exchanged tokens, and transaction tokens, that it issued. */
  readonly exchanges: number;
}

const TOKEN_REQUESTS = /^http_requests_total\{(?=.*route="\/oauth\/token").*\} (\d+)$/gm;
const EXCHANGES =
  /^latchkey_audit_events_total\{event="(?:token_exchanged|transaction_token_issued)"\} (\d+)$/gm;

/** Reads the counters of auth. @throws Error if they are missing */
export async function authCounts(issuer: string): Promise<AuthCounts> {
  const { status, body } = await call(`${issuer}/metrics`);
  if (status !== 200) throw new Error(`/metrics of auth responded with ${status}`);
  return readAuthCounts(String(body));
}

/** @throws Error if the page has no counters of audit events */
export function readAuthCounts(page: string): AuthCounts {
  const sum = (pattern: RegExp) => {
    const found = [...page.matchAll(pattern)].map(([, count]) => Number(count));
    return { lines: found.length, total: found.reduce((total, count) => total + count, 0) };
  };
  const exchanges = sum(EXCHANGES);
  if (exchanges.lines === 0) throw new Error('/metrics of auth has no latchkey_audit_events_total');
  // A route has no counter before its first request.
  return { tokenRequests: sum(TOKEN_REQUESTS).total, exchanges: exchanges.total };
}
