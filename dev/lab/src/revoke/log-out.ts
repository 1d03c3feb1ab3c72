import { moment } from '@latchkey/load-generator';
import { architectureOf, type ArchitectureId } from '../architectures/architecture.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import { logInForCookie, logInForToken, type User } from '../architectures/users.js';

/** A session that can be logged out. */
export interface LoggedIn {
  /** The headers with its credential. */
  readonly headers: Readonly<Record<string, string>>;
  /** @throws Error if the session was not ended */
  logOut(): Promise<LogOut>;
}

/** Times are milliseconds of the machine's monotonic clock. */
export interface LogOut {
  readonly sentAt: number;
  readonly answeredAt: number;
  /** 202: the log-out is recorded, but NATS did not acknowledge it in time. */
  readonly status: 204 | 202;
}

/** Logs in for the kind of session that the architecture uses. */
export async function logIn(
  parts: SharedParts,
  architecture: ArchitectureId,
  { username }: User,
): Promise<LoggedIn> {
  const { issuer } = parts.stack;
  if (architectureOf(architecture).credential === 'token') {
    const headers = { authorization: `Bearer ${await logInForToken(parts, username)}` };
    return { headers, logOut: () => end(`${issuer}/logout`, 'POST', headers) };
  }
  const auth = authKnowing(parts, architecture);
  const headers = { cookie: (await logInForCookie(auth, username)).cookie };
  // CSRF protection refuses requests from other origins than the issuer's own.
  const fromOwnPage = { ...headers, origin: issuer };
  return { headers, logOut: () => end(`${auth}/session`, 'DELETE', fromOwnPage) };
}

/** The replica of auth that uses the architecture's session store. */
function authKnowing({ stack }: SharedParts, architecture: ArchitectureId): string {
  const replica = stack.authReplicas[architecture === 'session-redis' ? 0 : 1];
  if (!replica) throw new Error('there is only one replica of auth');
  return replica.url;
}

async function end(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
): Promise<LogOut> {
  const sentAt = moment();
  const response = await fetch(url, { method, headers });
  const answeredAt = moment();
  await response.arrayBuffer();
  const { status } = response;
  if (status !== 204 && status !== 202) throw new Error(`the log-out returned ${status}`);
  return { sentAt, answeredAt, status };
}
