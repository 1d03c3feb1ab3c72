import { ACCESS_TOKEN_TYPE_URI, TOKEN_EXCHANGE_GRANT } from '@latchkey/contracts/auth-api';
import { createHash } from 'node:crypto';
import type { Answer, AuthReplica } from './auth-fixture.js';
import { useAuth, type AuthTestbed } from './auth-testbed.js';
import { AccessTokenIssuer } from '../src/tokens/access-token-issuer.js';

const SECRET = 'a secret of high entropy';
const secretSha256 = createHash('sha256').update(SECRET).digest('hex');

/** OAUTH_CLIENTS of the auth service. */
export const EXCHANGING_CLIENTS = JSON.stringify(
  [
    { clientId: 'orders', exchange: ['inventory', 'payments'] },
    { clientId: 'inventory', exchange: ['payments'] },
    { clientId: 'payments', exchange: ['orders'], scopes: ['orders:read'] },
    // No token has this audience.
    { clientId: 'stranger', exchange: ['inventory'] },
    // This client may not exchange tokens.
    { clientId: 'checker' },
  ].map((client) => ({ ...client, secretSha256 })),
);

/** @param more further parameters; an empty one counts as missing */
export function exchangeToken(
  auth: AuthReplica,
  clientId: string,
  subjectToken: string,
  more: Record<string, string> = {},
): Promise<Answer> {
  return auth.post('/oauth/token', {
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
export const useExchanges = (users: readonly string[] = []): Exchanges =>
  new Exchanges(
    useAuth({
      env: { OAUTH_CLIENTS: EXCHANGING_CLIENTS, SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '1' },
      users,
    }),
  );

class Exchanges {
  readonly auth: AuthReplica;
  readonly sql: AuthTestbed['sql'];

  constructor(testbed: AuthTestbed) {
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

  async clientToken(clientId: string): Promise<string> {
    const form = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: SECRET,
      scope: 'orders:read',
    };
    return (await this.auth.post('/oauth/token', { form })).body.access_token;
  }

  /** Signs any claims with the service's own key. */
  async forge(
    request: Parameters<AccessTokenIssuer['issue']>[0],
    issuedAt?: number,
  ): Promise<string> {
    return (await this.auth.service.app.get(AccessTokenIssuer).issue(request, issuedAt)).token;
  }
}
