import type { LatchkeyStack } from '@latchkey/local-stack';
import { createVerifier, type Verifier } from '@latchkey/verifier';
import { TestUser } from '@latchkey/testing';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { REPORTS, sharedStack } from '../../src/shared-stack.js';
import { configure, discover, OVER_HTTP } from './token-clients-fixture.js';

/** The public client of the built-in log-in. */
const WEB = { id: 'latchkey-web' };

/** The operations of an OAuth client, independent of the library. */
interface Session {
  readonly metadata: oauth.AuthorizationServer;
  refresh(refreshToken: string): Promise<oauth.TokenEndpointResponse>;
  revoke(token: string): Promise<void>;
  introspect(token: string): Promise<oauth.IntrospectionResponse>;
  clientCredentials(parameters: Record<string, string>): Promise<oauth.TokenEndpointResponse>;
}

interface Confidential {
  readonly id: string;
  readonly secret: string;
}

async function withOauth4webapi(issuer: string, { id, secret }: Confidential): Promise<Session> {
  const metadata = await discover(issuer, 'oauth2');
  const [web, service] = [{ client_id: WEB.id }, { client_id: id }];
  const authentication = oauth.ClientSecretPost(secret);
  return {
    metadata,
    refresh: async (token) =>
      oauth.processRefreshTokenResponse(
        metadata,
        web,
        await oauth.refreshTokenGrantRequest(metadata, web, oauth.None(), token, OVER_HTTP),
      ),
    revoke: async (token) =>
      oauth.processRevocationResponse(
        await oauth.revocationRequest(metadata, web, oauth.None(), token, OVER_HTTP),
      ),
    introspect: async (token) =>
      oauth.processIntrospectionResponse(
        metadata,
        service,
        await oauth.introspectionRequest(metadata, service, authentication, token, OVER_HTTP),
      ),
    clientCredentials: async (parameters) =>
      oauth.processClientCredentialsResponse(
        metadata,
        service,
        await oauth.clientCredentialsGrantRequest(
          metadata,
          service,
          authentication,
          parameters,
          OVER_HTTP,
        ),
      ),
  };
}

async function withOpenidClient(issuer: string, confidential: Confidential): Promise<Session> {
  const web = await configure(issuer, WEB, 'oauth2');
  const service = await configure(issuer, confidential, 'oauth2');
  return {
    metadata: web.serverMetadata(),
    refresh: (token) => client.refreshTokenGrant(web, token),
    revoke: (token) => client.tokenRevocation(web, token),
    introspect: (token) => client.tokenIntrospection(service, token),
    clientCredentials: (parameters) => client.clientCredentialsGrant(service, parameters),
  };
}

let stack: LatchkeyStack;
let ada: TestUser;
let verifier: Verifier;
beforeAll(async () => {
  stack = await sharedStack();
  const { issuer } = stack;
  ada = await TestUser.register(issuer);
  verifier = createVerifier({ issuer, audience: 'orders', revocations: 'ignore' });
});
afterAll(() => verifier?.close());

describe.each([
  ['oauth4webapi', withOauth4webapi],
  ['openid-client', withOpenidClient],
])('our authorization server, used with %s', (name, use) => {
  let session: Session;
  beforeAll(async () => {
    session = await use(stack.issuer, REPORTS);
  });

  it('is discovered through its metadata', () => {
    const { issuer } = stack;
    expect(session.metadata).toMatchObject({
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      token_endpoint: `${issuer}/oauth/token`,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      introspection_endpoint: `${issuer}/oauth/introspect`,
    });
  });

  it('is rejected under another issuer URL', async () => {
    const { port } = new URL(stack.issuer);
    await expect(use(`http://localhost:${port}`, REPORTS)).rejects.toMatchObject({
      code: 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
    });
  });

  it('issues another access token of the same session, and the next refresh token', async () => {
    const first = await ada.logIn();
    const second = await session.refresh(first.refresh_token);
    expect(second.token_type).toBe('bearer'); // both libraries convert it to lower case
    expect(second.expires_in).toBeGreaterThan(0);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const [old, fresh] = await Promise.all([
      verifier.verify(first.access_token),
      verifier.verify(second.access_token),
    ]);
    expect(fresh).toMatchObject({ subject: old.subject, sessionId: old.sessionId });
    expect(fresh.tokenId).not.toBe(old.tokenId);
  });

  it('answers invalid_grant to an unknown refresh token', async () => {
    const refused = session.refresh('an unknown token');
    await expect(refused).rejects.toBeInstanceOf(oauth.ResponseBodyError);
    await expect(refused).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
  });

  it('introspects an access token, until it is revoked', async () => {
    const { access_token: token } = await ada.logIn();
    expect(await session.introspect(token)).toMatchObject({
      active: true,
      iss: stack.issuer,
      client_id: WEB.id,
      username: ada.username,
      token_type: 'Bearer',
    });
    await session.revoke(token);
    expect(await session.introspect(token)).toEqual({ active: false });
  });

  it('revokes a refresh token and with it the session', async () => {
    const { access_token: token, refresh_token: refreshToken } = await ada.logIn();
    await session.revoke(refreshToken);
    expect(await session.introspect(token)).toEqual({ active: false });
    await expect(session.refresh(refreshToken)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('accepts the revocation of an unknown token (RFC 7009)', async () => {
    await expect(session.revoke('an unknown token')).resolves.toBeUndefined();
  });

  it('issues client-credentials tokens', async () => {
    const { metadata } = session;
    expect(metadata.grant_types_supported).toContain('client_credentials');
    const reply = await session.clientCredentials({ scope: 'orders:read', resource: 'orders' });
    const principal = await verifier.verify(reply.access_token);
    expect(principal).toMatchObject({ subject: REPORTS.id, clientId: REPORTS.id });
    expect(principal).not.toHaveProperty('sessionId');
    expect([...principal.scopes]).toEqual(['orders:read']);
    expect(reply).not.toHaveProperty('refresh_token');
    expect(await session.introspect(reply.access_token)).toMatchObject({
      active: true,
      sub: REPORTS.id,
    });
  });

  it('answers invalid_scope to a scope that the client must not have', async () => {
    await expect(session.clientCredentials({ scope: 'orders:admin' })).rejects.toMatchObject({
      error: 'invalid_scope',
      status: 400,
    });
  });

  it('answers a wrong secret with 401 and a challenge', async () => {
    const impostor = await use(stack.issuer, { ...REPORTS, secret: `not ${name}` });
    const { access_token: token } = await ada.logIn();
    const refused: unknown = await impostor.introspect(token).catch((error: unknown) => error);
    // For a 401, both libraries report the challenge instead of the body.
    expect(refused).toBeInstanceOf(oauth.WWWAuthenticateChallengeError);
    expect(refused).toMatchObject({
      status: 401,
      cause: [{ scheme: 'basic', parameters: { realm: 'latchkey' } }],
    });
  });
});
