import { ACCESS_TOKEN_TYPE_URI, TOKEN_EXCHANGE_GRANT } from '@latchkey/contracts/auth-api';
import {
  startTestDatabase,
  startTestNats,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AuthReplica, type Answer } from './auth-fixture.js';
import { AccessTokenIssuer } from '../src/tokens/access-token-issuer.js';

const SECRET = 'a secret of high entropy';
const secretSha256 = createHash('sha256').update(SECRET).digest('hex');

/** What the auth service is configured with. */
export const EXCHANGING_CLIENTS = JSON.stringify(
  [
    { clientId: 'orders', exchange: ['inventory', 'payments'] },
    { clientId: 'inventory', exchange: ['payments'] },
    { clientId: 'payments', exchange: ['orders'], scopes: ['orders:read'] },
    // No service that a token is for.
    { clientId: 'stranger', exchange: ['inventory'] },
    // One that may not.
    { clientId: 'checker' },
  ].map((client) => ({ ...client, secretSha256 })),
);

/** @param more parameters; one that is '' counts as left out */
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

/** The auth service with services that may exchange tokens. */
export class Exchanges {
  private constructor(
    readonly auth: AuthReplica,
    private readonly database: TestDatabase,
    private readonly nats: TestNats,
  ) {}

  static async start(): Promise<Exchanges> {
    const [database, nats] = await Promise.all([startTestDatabase(), startTestNats()]);
    const auth = await AuthReplica.start({
      databaseUrl: database.url,
      nats: nats.credentials('auth'),
      env: { OAUTH_CLIENTS: EXCHANGING_CLIENTS, SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '1' },
    });
    return new Exchanges(auth, database, nats);
  }

  async close(): Promise<void> {
    await this.auth.close();
    await this.nats.close();
    await this.database.drop();
  }

  ask(clientId: string, subjectToken: string, more?: Record<string, string>): Promise<Answer> {
    return exchangeToken(this.auth, clientId, subjectToken, more);
  }

  /** @throws when it is refused */
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

  /** `latchkey-web` is public, and has no secret to send. */
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

  /** Signs whatever a test needs with the service's own key. */
  async forge(
    request: Parameters<AccessTokenIssuer['issue']>[0],
    issuedAt?: number,
  ): Promise<string> {
    return (await this.auth.service.app.get(AccessTokenIssuer).issue(request, issuedAt)).token;
  }

  sql<Row extends object>(query: string, parameters?: unknown[]): Promise<Row[]> {
    return this.auth.service.app.get(DataSource).query<Row[]>(query, parameters);
  }
}

/** `kid` of a token's header. Nothing is verified here. */
export function decodeUnverifiedKeyId(token: string): string {
  const header = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString();
  return (JSON.parse(header) as { kid: string }).kid;
}
