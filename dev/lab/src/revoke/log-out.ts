import { moment } from '@latchkey/load-generator';
import { architectureOf, type ArchitectureId } from '../architectures/architecture.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import { logInForCookie, logInForToken, type User } from '../architectures/users.js';

/** One log-in, and the way to end it. */
export interface LoggedIn {
  /** By which a replica knows it. */
  readonly headers: Readonly<Record<string, string>>;
  /** @throws Error when it is not ended */
  logOut(): Promise<LogOut>;
}

/** Moments are those of the machine's monotonic clock, in milliseconds. */
export interface LogOut {
  readonly sentAt: number;
  readonly answeredAt: number;
  /** 202: ended and recorded, but NATS did not acknowledge it in time. */
  readonly status: 204 | 202;
}

/** A fresh session of the kind that the architecture takes. */
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
  // Like a page of the issuer's own: any other is refused.
  const fromOwnPage = { ...headers, origin: issuer };
  return { headers, logOut: () => end(`${auth}/session`, 'DELETE', fromOwnPage) };
}

/** The replica of auth with the architecture's session store. */
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
  if (status !== 204 && status !== 202) throw new Error(`the log-out was answered ${status}`);
  return { sentAt, answeredAt, status };
}
