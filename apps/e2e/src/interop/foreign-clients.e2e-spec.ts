import { createVerifier, type Verifier } from '@latchkey/verifier';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { Caller } from '../caller.js';
import { startStack, type RunningStack } from '../running-stack.js';
import { configure, discover, OVER_HTTP } from './token-clients-fixture.js';

/** Our web front end: public, and the client of whoever logs in. */
const WEB = { id: 'latchkey-web' };

/** What an application does with us, whichever library does it. */
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

let running: RunningStack;
let ada: Caller;
let verifier: Verifier;
beforeAll(async () => {
  running = await startStack();
  const { issuer } = running.stack;
  ada = await Caller.register(issuer, 'ada');
  verifier = createVerifier({ issuer, audience: 'orders', revocations: 'unchecked' });
});
afterAll(async () => {
  verifier?.close();
  await running?.close();
});

describe.each([
  ['oauth4webapi', withOauth4webapi],
  ['openid-client', withOpenidClient],
])('our authorization server used by %s', (name, use) => {
  let session: Session;
  beforeAll(async () => {
    const { issuer, client: confidential } = running.stack;
    session = await use(issuer, { id: confidential.name, secret: confidential.secret });
  });

  it('is found by its metadata', () => {
    const { issuer } = running.stack;
    expect(session.metadata).toMatchObject({
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      token_endpoint: `${issuer}/oauth/token`,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      introspection_endpoint: `${issuer}/oauth/introspect`,
    });
  });

  it('is not taken for another issuer than the one that was asked for', async () => {
    const { port } = new URL(running.stack.issuer);
    const alias = `http://localhost:${port}`;
    const { client: confidential } = running.stack;
    const identity = { id: confidential.name, secret: confidential.secret };
    await expect(use(alias, identity)).rejects.toMatchObject({
      code: 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
    });
  });

  it('refreshes: another access token of the same session, and the next refresh token', async () => {
    const first = await ada.logIn();
    const second = await session.refresh(first.refresh_token);
    expect(second.token_type).toBe('bearer'); // in lower case by both of them, whatever was sent
    expect(second.expires_in).toBeGreaterThan(0);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const [old, fresh] = await Promise.all([
      verifier.verify(first.access_token),
      verifier.verify(second.access_token),
    ]);
    expect(fresh).toMatchObject({ subject: old.subject, sessionId: old.sessionId });
    expect(fresh.tokenId).not.toBe(old.tokenId);
  });

  it('says invalid_grant for a refresh token that it never gave', async () => {
    const refused = session.refresh('never given to anybody');
    await expect(refused).rejects.toBeInstanceOf(oauth.ResponseBodyError);
    await expect(refused).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
  });

  it('introspects an access token, until it is revoked', async () => {
    const { access_token: token } = await ada.logIn();
    expect(await session.introspect(token)).toMatchObject({
      active: true,
      iss: running.stack.issuer,
      client_id: WEB.id,
      username: 'ada',
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

  it('says nothing about a token to revoke that it does not know', async () => {
    await expect(session.revoke('never given to anybody')).resolves.toBeUndefined();
  });

  it('says invalid_client for a wrong secret', async () => {
    const { issuer, client: confidential } = running.stack;
    const impostor = await use(issuer, { id: confidential.name, secret: `not ${name}` });
    const { access_token: token } = await ada.logIn();
    const refused: unknown = await impostor.introspect(token).catch((error: unknown) => error);
    // The challenge of a 401 is what both libraries report instead of the body.
    expect(refused).toBeInstanceOf(oauth.WWWAuthenticateChallengeError);
    expect(refused).toMatchObject({
      status: 401,
      cause: [{ scheme: 'basic', parameters: { realm: 'latchkey' } }],
    });
  });
});
