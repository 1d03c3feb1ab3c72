import { createVerifier, type TrustedIssuer, type Verifier } from '@latchkey/verifier';
import { TestUser, waitFor } from '@latchkey/testing';
import { decodeUnverified, type LatchkeyStack } from '@latchkey/local-stack';
import * as client from 'openid-client';
import { sharedStack } from '../../src/shared-stack.js';
import { MockOAuthServer } from './mock-server-fixture.js';
import { OIDC_CLIENT, OidcProviderServer, USER } from './oidc-provider-fixture.js';
import { configure, TOKEN_CLIENTS, type TokenClient } from './token-clients-fixture.js';

const AUDIENCE = 'orders';
const [someClient] = TOKEN_CLIENTS as [TokenClient];

describe('tokens of foreign issuers', () => {
  let provider: OidcProviderServer;
  let mock: MockOAuthServer;
  const verifiers: Verifier[] = [];
  beforeAll(async () => {
    provider = await OidcProviderServer.start(AUDIENCE);
    mock = await MockOAuthServer.start(AUDIENCE);
  });
  afterEach(() => {
    for (const verifier of verifiers.splice(0)) verifier.close();
  });
  afterAll(async () => {
    await mock?.close();
    await provider?.close();
  });

  /** oidc-provider follows RFC 9068, so only the URL of its keys is needed. */
  const trustProvider = (): TrustedIssuer => ({
    issuer: provider.issuer,
    audience: AUDIENCE,
    jwksUri: provider.jwksUri,
  });
  /** Its tokens have `typ` JWT, no `client_id` and no `jti`, and live for an hour. */
  const trustMock = (): TrustedIssuer => ({
    issuer: mock.issuer,
    audience: AUDIENCE,
    jwksUri: mock.jwksUri,
    tokenTypes: ['JWT'],
    maxLifetimeSeconds: 3600,
    claimNames: { clientId: null, tokenId: null },
  });
  function verifierFor(...issuers: readonly [TrustedIssuer, ...TrustedIssuer[]]): Verifier {
    const verifier = createVerifier({
      issuers,
      revocations: 'ignore',
      keySet: { cooldownSeconds: 0.05 },
    });
    verifiers.push(verifier);
    return verifier;
  }

  const clientCredentials = (by = someClient, parameters: Record<string, string> = {}) =>
    by.grant(provider.issuer, OIDC_CLIENT, 'client_credentials', {
      resource: provider.resource,
      scope: 'orders:read',
      ...parameters,
    });
  const password = (by = someClient) =>
    by.grant(mock.issuer, { id: 'shop' }, 'password', {
      username: USER,
      password: 'any',
      scope: 'orders:read',
    });

  /** The authorization code grant with PKCE, by openid-client. */
  async function userLogin(): Promise<client.TokenEndpointResponse> {
    const configuration = await configure(provider.issuer, OIDC_CLIENT);
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const { resource, redirectUri } = provider;
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid orders:read',
      resource,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    const callback = await provider.authorize(url);
    return client.authorizationCodeGrant(
      configuration,
      callback,
      { pkceCodeVerifier },
      { resource },
    );
  }

  describe.each(TOKEN_CLIENTS)('obtained by $name', (by) => {
    it('are accepted from oidc-provider, given only its key set', async () => {
      const { access_token: token } = await clientCredentials(by);
      const principal = await verifierFor(trustProvider()).verify(token);
      expect(principal).toMatchObject({
        issuer: provider.issuer,
        subject: OIDC_CLIENT.id,
        clientId: OIDC_CLIENT.id,
        audience: [AUDIENCE],
        keyId: 'foreign-1',
      });
      expect([...principal.scopes]).toEqual(['orders:read']);
      expect(principal.expiresAt - principal.issuedAt).toBe(600);
    });

    it('are accepted from oauth2-mock-server with the matching options', async () => {
      const { access_token: token } = await password(by);
      const principal = await verifierFor(trustMock()).verify(token);
      expect(principal).toMatchObject({ issuer: mock.issuer, subject: USER });
      expect(principal).not.toHaveProperty('clientId');
      expect(principal).not.toHaveProperty('tokenId');
      expect([...principal.scopes]).toEqual(['orders:read']);
    });
  });

  describe('of oidc-provider', () => {
    it('are accepted for a user who logged in with the authorization code grant', async () => {
      const { access_token: token } = await userLogin();
      expect(await verifierFor(trustProvider()).verify(token)).toMatchObject({
        subject: USER,
        clientId: OIDC_CLIENT.id,
      });
    });

    it('are refused for another audience', async () => {
      const { access_token: token } = await clientCredentials();
      const verifier = verifierFor({ ...trustProvider(), audience: 'payments' });
      await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'wrong_audience' });
    });

    it('are refused if they live longer than allowed', async () => {
      const { access_token: token } = await clientCredentials();
      const verifier = verifierFor({ ...trustProvider(), maxLifetimeSeconds: 599 });
      await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'lifetime_too_long' });
    });

    it('are refused if they are ID tokens, even if the client id is an accepted audience', async () => {
      const { id_token: idToken = '' } = await userLogin();
      const verifier = verifierFor({ ...trustProvider(), audience: [AUDIENCE, OIDC_CLIENT.id] });
      // The ID tokens have no `typ`.
      await expect(verifier.verify(idToken)).rejects.toMatchObject({ code: 'malformed' });
    });

    it('are refused if they are opaque, as without a resource parameter', async () => {
      const { access_token: opaque } = await someClient.grant(
        provider.issuer,
        OIDC_CLIENT,
        'client_credentials',
        {},
      );
      const verifier = verifierFor(trustProvider());
      await expect(verifier.verify(opaque)).rejects.toMatchObject({ code: 'malformed' });
    });
  });

  describe('of oauth2-mock-server', () => {
    it.each<[string, Partial<TrustedIssuer>, string]>([
      ['the type', { tokenTypes: ['at+jwt'] }, 'wrong_type'],
      ['the missing client_id', { claimNames: { tokenId: null } }, 'invalid_claims'],
      ['the missing jti', { claimNames: { clientId: null } }, 'invalid_claims'],
      ['the lifetime of an hour', { maxLifetimeSeconds: 3599 }, 'lifetime_too_long'],
      ['the audience', { audience: 'payments' }, 'wrong_audience'],
    ])('are refused unless the verifier is configured for %s', async (_, change, code) => {
      const { access_token: token } = await password();
      const verifier = verifierFor({ ...trustMock(), ...change });
      await expect(verifier.verify(token)).rejects.toMatchObject({ code });
    });

    it('are refused if they are ID tokens, because of their audience', async () => {
      const { id_token: idToken = '', access_token: token } = await password();
      const typeOf = (jwt: string) =>
        JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()).typ as string;
      expect(typeOf(idToken)).toBe(typeOf(token));
      const verifier = verifierFor(trustMock());
      await expect(verifier.verify(idToken)).rejects.toMatchObject({ code: 'wrong_audience' });
    });

    it('are refused for client credentials, because they have no subject', async () => {
      const { access_token: token } = await someClient.grant(
        mock.issuer,
        { id: 'shop' },
        'client_credentials',
        { aud: AUDIENCE },
      );
      await expect(verifierFor(trustMock()).verify(token)).rejects.toMatchObject({
        code: 'invalid_claims',
        detail: 'sub is not a non-empty string',
      });
    });

    it('are accepted under a new key after a rotation, and still under the old one', async () => {
      const verifier = verifierFor(trustMock());
      const { access_token: old } = await password();
      await verifier.verify(old);
      const keyId = await mock.rotate();
      const { access_token: fresh } = await password();
      expect(decodeUnverified(fresh).header.kid).toBe(keyId);
      const principal = await waitFor(() => verifier.verify(fresh).catch(() => undefined));
      expect(principal).toMatchObject({ subject: USER, keyId });
      await expect(verifier.verify(old)).resolves.toMatchObject({ subject: USER });
    });
  });

  describe('of several issuers, including our own, at one verifier', () => {
    let stack: LatchkeyStack;
    let own: string;
    beforeAll(async () => {
      stack = await sharedStack();
      const ada = await TestUser.register(stack.issuer);
      own = (await ada.logIn()).access_token;
    });

    const trustOwn = (): TrustedIssuer => ({ issuer: stack.issuer, audience: AUDIENCE });

    it('are accepted, each under the rules of its own issuer', async () => {
      const verifier = verifierFor(trustOwn(), trustProvider(), trustMock());
      const foreign = [await clientCredentials(), await password()];
      const tokens = [own, ...foreign.map(({ access_token }) => access_token)];
      const principals = await Promise.all(tokens.map((token) => verifier.verify(token)));
      expect(principals.map(({ issuer }) => issuer)).toEqual([
        stack.issuer,
        provider.issuer,
        mock.issuer,
      ]);
    });

    it('are refused if only another issuer may issue such tokens', async () => {
      const { access_token: token } = await password();
      const strict = { ...trustMock(), tokenTypes: ['at+jwt'] };
      const lax = { ...trustProvider(), tokenTypes: ['JWT'] };
      const verifier = verifierFor(strict, lax, trustOwn());
      await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'wrong_type' });
    });

    it('are refused by a verifier that trusts only the others', async () => {
      const { access_token: token } = await clientCredentials();
      const verifier = verifierFor(trustOwn(), trustMock());
      await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'untrusted_issuer' });
    });

    it('are refused if the key is not in the key set of the named issuer', async () => {
      const { access_token: token } = await clientCredentials();
      const confused = { ...trustProvider(), jwksUri: mock.jwksUri };
      const verifier = verifierFor(confused, trustOwn());
      await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'unknown_key' });
    });
  });
});
