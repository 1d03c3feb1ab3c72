import { IDEMPOTENCY_KEY_HEADER } from '@latchkey/contracts';
import { CookieSessionReply, TokenReply } from '@latchkey/contracts/auth-api';
import { Order, ProductListReply } from '@latchkey/shop-contracts';
import type { LoadRequest } from '@latchkey/load-generator';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { architectureOf, type ArchitectureId } from './architecture.js';
import { SUBJECT_HEADER } from './guards.js';
import type { SharedParts } from './shared-parts.js';

const PASSWORD = 'a long enough passphrase';
/** Password hashing is bound by the cores: more concurrent log-ins would only queue. */
const LOG_INS_AT_ONCE = 2;
const RETRIES = 10;
const RETRY_MILLISECONDS = 1_000;

/** A caller, with a session for each kind of credential. */
export interface User {
  readonly subject: string;
  readonly username: string;
  readonly token: string;
  /** Cookie headers, by the store of the session. */
  readonly cookies: Readonly<Record<'session-redis' | 'session-postgres', string>>;
  /** An order that the user has placed. */
  readonly orderId: string;
}

/** Registers users, logs each one in for every kind of credential, and places an order for each. */
export async function makeUsers(
  parts: SharedParts,
  count: number,
  onProgress: (message: string) => void,
): Promise<User[]> {
  const users: User[] = [];
  const makeUsersInTurn = async () => {
    while (users.length < count) {
      onProgress(`users log in and place an order (${users.length} of ${count})`);
      users.push(await makeUser(parts));
    }
  };
  await Promise.all(Array.from({ length: LOG_INS_AT_ONCE }, makeUsersInTurn));
  return users.slice(0, count);
}

async function makeUser(parts: SharedParts): Promise<User> {
  const username = `user-${randomUUID()}`;
  const [first, second] = parts.stack.authReplicas.map(({ url }) => url);
  await post(`${first}/register`, { username, password: PASSWORD }, 202);
  const token = await logInForToken(parts, username);
  const redis = await logInForCookie(first!, username);
  const postgres = await logInForCookie(second!, username);
  const orderId = await placeOrder(parts, token);
  const cookies = { 'session-redis': redis.cookie, 'session-postgres': postgres.cookie };
  return { subject: redis.subject, username, token, cookies, orderId };
}

/** Logs in and returns the tokens of the new session. */
export async function logIn({ stack }: SharedParts, username: string): Promise<TokenReply> {
  const answer = await post(`${stack.issuer}/login`, { username, password: PASSWORD }, 200);
  return TokenReply.parse(await answer.json());
}

/** Logs in. @returns the access token of the new session */
export async function logInForToken(parts: SharedParts, username: string): Promise<string> {
  return (await logIn(parts, username)).access_token;
}

/**
 * Logs in for a session cookie.
 *
 * @param auth URL of a replica of auth; its store keeps the session
 */
export async function logInForCookie(
  auth: string,
  username: string,
): Promise<{ readonly cookie: string; readonly subject: string }> {
  const answer = await post(`${auth}/session/login`, { username, password: PASSWORD }, 200);
  const cookie = answer.headers.getSetCookie()[0]!.split(';')[0]!;
  return { cookie, subject: CookieSessionReply.parse(await answer.json()).subject };
}

async function placeOrder({ stack }: SharedParts, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const listed = await fetch(`${stack.replicas.inventory.url}/products`, { headers });
  const { products } = ProductListReply.parse(await listed.json());
  const product = products.reduce((most, one) => (one.available > most.available ? one : most));
  const answer = await post(
    `${stack.replicas['orders-1'].url}/orders`,
    { lines: [{ productId: product.id, quantity: 1 }], paymentMethod: 'test-card' },
    201,
    { ...headers, [IDEMPOTENCY_KEY_HEADER]: randomUUID() },
  );
  return Order.parse(await answer.json()).id;
}

/** The requests of a load: for each user the list of orders, then the order. */
export function requestsOf(architecture: ArchitectureId, users: readonly User[]): LoadRequest[] {
  return users.flatMap((user) => {
    const headers = headersOf(architecture, user);
    return ['/orders', `/orders/${user.orderId}`].map((path) => ({ path, headers }));
  });
}

/** The headers that identify the user under an architecture. */
export function headersOf(architecture: ArchitectureId, user: User): Record<string, string> {
  switch (architectureOf(architecture).credential) {
    case 'none':
      return { [SUBJECT_HEADER]: user.subject };
    case 'token':
      return { authorization: `Bearer ${user.token}` };
    case 'cookie':
      return { cookie: user.cookies[architecture as keyof User['cookies']] };
  }
}

/**
 * Sends a POST request. Retries after a 503, because nothing is measured yet and a store on a busy disk
 * may be slow for a moment.
 *
 * @throws Error for any status but the wanted one
 */
async function post(
  url: string,
  json: object,
  wanted: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const attempt = () =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(json),
    });
  let response = await attempt();
  for (let left = RETRIES; response.status === 503 && left > 0; left--) {
    await response.body?.cancel();
    await setTimeout(RETRY_MILLISECONDS);
    response = await attempt();
  }
  if (response.status === wanted) return response;
  throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}
