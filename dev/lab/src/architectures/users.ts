import { IDEMPOTENCY_KEY_HEADER } from '@latchkey/contracts';
import { Order, ProductListReply } from '@latchkey/shop-contracts';
import type { LoadRequest } from '@latchkey/load-generator';
import {
  AuthClient,
  call,
  UnexpectedAnswerError,
  type CookieSession,
  type SessionTokens,
} from '@latchkey/local-stack';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
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
  const auth = new AuthClient(first!);
  await withRetries(() => auth.register({ username, password: PASSWORD }));
  const token = await logInForToken(parts, username);
  const redis = await logInForCookie(first!, username);
  const postgres = await logInForCookie(second!, username);
  const orderId = await placeOrder(parts, token);
  const cookies = { 'session-redis': redis.cookie, 'session-postgres': postgres.cookie };
  return { subject: redis.subject, username, token, cookies, orderId };
}

/** Logs in and returns the tokens of the new session. */
export function logIn({ stack }: SharedParts, username: string): Promise<SessionTokens> {
  const auth = new AuthClient(stack.issuer);
  return withRetries(() => auth.logIn({ username, password: PASSWORD }));
}

/** Logs in. @returns the access token of the new session */
export async function logInForToken(parts: SharedParts, username: string): Promise<string> {
  return (await logIn(parts, username)).access_token;
}

/**
 * Logs in for a session cookie.
 *
 * @param url of a replica of auth; its store keeps the session
 */
export function logInForCookie(url: string, username: string): Promise<CookieSession> {
  const auth = new AuthClient(url);
  return withRetries(() => auth.logInWithCookie({ username, password: PASSWORD }));
}

async function placeOrder({ stack }: SharedParts, token: string): Promise<string> {
  const { body } = await call(`${stack.replicas.inventory.url}/products`, { token });
  const { products } = ProductListReply.parse(body);
  const product = products.reduce((most, one) => (one.available > most.available ? one : most));
  const lines = [{ productId: product.id, quantity: 1 }];
  const idempotencyKey = randomUUID();
  return withRetries(async () => {
    const answer = await call(`${stack.replicas['orders-1'].url}/orders`, {
      token,
      headers: { [IDEMPOTENCY_KEY_HEADER]: idempotencyKey },
      json: { lines, paymentMethod: 'test-card' },
    });
    if (answer.status !== 201) throw new UnexpectedAnswerError('POST /orders', answer);
    return Order.parse(answer.body).id;
  });
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
 * Retries after a 503, because nothing is measured yet and a store on a busy disk may be slow for a moment.
 *
 * @throws the error of any other answer
 */
async function withRetries<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let left = RETRIES; ; left--)
    try {
      return await attempt();
    } catch (error) {
      const isUnavailable = error instanceof UnexpectedAnswerError && error.answer.status === 503;
      if (!isUnavailable || left === 0) throw error;
      await delay(RETRY_MILLISECONDS);
    }
}
