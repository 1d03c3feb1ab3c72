import { TransactionTokenClaims } from '@latchkey/contracts';
import {
  ACCESS_TOKEN_TYPE_URI,
  SESSION_TOKEN_TYPE_URI,
  TOKEN_EXCHANGE_GRANT,
  TRANSACTION_TOKEN_TYPE_URI,
} from '@latchkey/contracts/auth-api';
import { createHash } from 'node:crypto';
import type { Answer, AuthReplica, Environment } from './auth-fixture.js';
import { useAuth, type AuthTestbed } from './auth-testbed.js';
import { AccessTokenIssuer } from '../src/tokens/access-token-issuer.js';

const SECRET = 'a secret of high entropy';
const secretSha256 = createHash('sha256').update(SECRET).digest('hex');

/** OAUTH_CLIENTS of the auth service, for clients with the secret that {@link exchangeToken} sends. */
export const clientsWithSecret = (clients: readonly object[]): string =>
  JSON.stringify(clients.map((client) => ({ ...client, secretSha256 })));

export const EXCHANGING_CLIENTS = clientsWithSecret([
  { clientId: 'orders', exchange: ['inventory', 'payments'] },
  { clientId: 'inventory', exchange: ['payments'] },
  { clientId: 'payments', exchange: ['orders'], scopes: ['orders:read'] },
  // No token has this audience.
  { clientId: 'stranger', exchange: ['inventory'] },
  // This client may not exchange tokens.
  { clientId: 'checker' },
]);

/** Inventory calls payments for its users, so it has to know the scope for that. */
const AUDIENCES = {
  orders: ['orders:read', 'orders:write', 'orders:admin'],
  inventory: ['inventory:read', 'inventory:write', 'inventory:admin', 'payments:read'],
  payments: ['payments:read', 'payments:write', 'payments:charge', 'payments:admin'],
  shipping: ['shipping:read'],
};

/** `TRUST_DOMAIN` of an auth service that issues transaction tokens. */
export const TRUST_DOMAIN = 'shop.example';

/** Reads the claims of a transaction token without verifying it. */
export const transactionClaimsOf = (token: string): TransactionTokenClaims =>
  TransactionTokenClaims.parse(
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()),
  );

/** The environment of an auth service whose policy limits every client, for users with the usual scopes. */
export const NARROW_POLICY = {
  AUDIENCES: JSON.stringify(AUDIENCES),
  OAUTH_CLIENTS: clientsWithSecret([
    {
      clientId: 'orders',
      exchange: {
        inventory: ['inventory:read', 'inventory:write', 'payments:read'],
        payments: ['payments:write', 'payments:charge'],
        // Users do not have this scope.
        shipping: ['shipping:read'],
      },
    },
    { clientId: 'inventory', exchange: { payments: ['payments:read'], orders: ['orders:read'] } },
    // Users have other scopes of orders, but not this one.
    { clientId: 'payments', exchange: { orders: ['orders:admin'] } },
    { clientId: 'robot', scopes: ['orders:read', 'inventory:read', 'inventory:write'] },
    { clientId: 'checker' },
  ]),
};

/** @param more further parameters; an empty one counts as missing */
export function exchangeToken(
  auth: AuthReplica,
  clientId: string,
  subjectToken: string,
  more: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  return auth.post('/oauth/token', {
    headers,
    form: {
      grant_type: TOKEN_EXCHANGE_GRANT,
      client_id: clientId,
      client_secret: SECRET,
      subject_token: subjectToken,
      subject_token_type: ACCESS_TOKEN_TYPE_URI,
      ...more,
    },
  });
}

/** Runs auth with services that may exchange tokens, for the tests of the surrounding `describe` block. */
export const useExchanges = (users: readonly string[] = [], env: Environment = {}): Exchanges =>
  new Exchanges(
    useAuth({
      env: { OAUTH_CLIENTS: EXCHANGING_CLIENTS, SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '1', ...env },
      users,
    }),
  );

/** Requests of an auth service whose clients may exchange tokens. */
export class Exchanges {
  readonly auth: AuthReplica;
  readonly sql: AuthTestbed['sql'];

  constructor(testbed: Pick<AuthTestbed, 'auth' | 'sql'>) {
    this.auth = testbed.auth;
    this.sql = testbed.sql;
  }

  ask(clientId: string, subjectToken: string, more?: Record<string, string>): Promise<Answer> {
    return exchangeToken(this.auth, clientId, subjectToken, more);
  }

  /** @throws Error if the exchange is refused */
  async exchange(
    clientId: string,
    subjectToken: string,
    more?: Record<string, string>,
  ): Promise<string> {
    const { status, text, body } = await this.ask(clientId, subjectToken, more);
    if (status !== 200) throw new Error(`/oauth/token answered ${status}: ${text}`);
    return body.access_token;
  }

  /** Asks for a transaction token. */
  askForTransaction(
    clientId: string,
    subjectToken: string,
    scope: string,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const requested = { requested_token_type: TRANSACTION_TOKEN_TYPE_URI, audience: TRUST_DOMAIN };
    return this.ask(clientId, subjectToken, { ...requested, scope, ...more });
  }

  /** Exchanges the value of a session cookie. */
  askWithCookie(clientId: string, cookie: string, more?: Record<string, string>): Promise<Answer> {
    return this.ask(clientId, cookie, { subject_token_type: SESSION_TOKEN_TYPE_URI, ...more });
  }

  /** The number of rows that record exchanged tokens. */
  async recorded(): Promise<number> {
    const [row] = await this.sql<{ count: number }>(
      'SELECT count(*)::int AS count FROM exchanged_tokens',
    );
    return row!.count;
  }

  introspect(token: string): Promise<Answer> {
    const form = { token, client_id: 'checker', client_secret: SECRET };
    return this.auth.post('/oauth/introspect', { form });
  }

  async isActive(token: string): Promise<unknown> {
    return (await this.introspect(token)).body['active'];
  }

  /** Sends no secret for `latchkey-web`, because that client is public. */
  revoke(token: string, clientId = 'latchkey-web'): Promise<Answer> {
    const secret = clientId !== 'latchkey-web' && { client_secret: SECRET };
    return this.auth.post('/oauth/revoke', { form: { token, client_id: clientId, ...secret } });
  }

  async asAdmin(method: string, path: string): Promise<Answer> {
    return this.auth.send(method, `/admin${path}`, { token: await this.auth.adminToken() });
  }

  /** Requests a token of the client's own. */
  asClient(clientId: string, more: Record<string, string> = {}): Promise<Answer> {
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: SECRET };
    return this.auth.post('/oauth/token', { form: { ...form, ...more } });
  }

  async clientToken(clientId: string): Promise<string> {
    return (await this.asClient(clientId, { scope: 'orders:read' })).body.access_token;
  }

  /** Signs any claims with the service's own key. */
  async forge(
    request: Parameters<AccessTokenIssuer['issue']>[0],
    issuedAt?: number,
  ): Promise<string> {
    return (await this.auth.service.app.get(AccessTokenIssuer).issue(request, issuedAt)).token;
  }
}
