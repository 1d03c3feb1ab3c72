import { DenyList } from '@latchkey/deny-list';
import { createServiceTokens, type ServiceTokensOptions } from '@latchkey/service-client';
import { createVerifier, type TokenPrincipal, type Verifier } from '@latchkey/verifier';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { claimsOf, ISSUER } from './auth-fixture.js';
import { useAuth } from './auth-testbed.js';

const TRUST_DOMAIN = 'shop.example';
const SECRET = 'a secret: with % and +';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const CLIENTS = ['orders', 'payments'].map((clientId) => ({
  clientId,
  exchange: ['inventory'],
  scopes: ['inventory:read'],
  secretSha256: createHash('sha256').update(SECRET).digest('hex'),
  jwks: { keys: [publicKey.export({ format: 'jwk' })] },
}));
const AUTHENTICATIONS: [string, ServiceTokensOptions['authentication']][] = [
  ['client_secret_basic', { clientSecret: SECRET }],
  ['private_key_jwt', { privateKey }],
];

describe('a service with the published client', () => {
  const { auth } = useAuth({
    env: { OAUTH_CLIENTS: JSON.stringify(CLIENTS), TRUST_DOMAIN },
    users: ['ada'],
  });
  const denyList = new DenyList();

  const tokensWith = (
    authentication: ServiceTokensOptions['authentication'],
    clientId = 'orders',
  ) =>
    createServiceTokens({
      issuer: ISSUER,
      clientId,
      authentication,
      tokenEndpoint: `${auth.url}/oauth/token`,
      revocations: denyList,
      trustDomain: TRUST_DOMAIN,
      allowHttp: true, // The issuer's name is an HTTP URL. No request is sent there.
    });
  /** Verifies tokens as a service does. */
  async function verifyAs<Result>(
    audience: string,
    verify: (verifier: Verifier) => Promise<Result>,
  ): Promise<Result> {
    const jwksUri = `${auth.url}/.well-known/jwks.json`;
    const verifier = createVerifier({
      issuer: ISSUER,
      audience,
      jwksUri,
      revocations: 'ignore',
      transactionTokens: { trustDomain: TRUST_DOMAIN },
    });
    try {
      return await verify(verifier);
    } finally {
      verifier.close();
    }
  }
  const principalOf = (token: string): Promise<TokenPrincipal> =>
    verifyAs('orders', (verifier) => verifier.verify(token));

  it.each(AUTHENTICATIONS)('gets its own token by %s', async (_, authentication) => {
    const token = await tokensWith(authentication).own('inventory', 'inventory:read');
    expect(claimsOf(token)).toMatchObject({
      sub: 'orders',
      client_id: 'orders',
      aud: expect.arrayContaining(['inventory']),
      scope: 'inventory:read',
    });
  });

  it.each(AUTHENTICATIONS)('exchanges a token of a user by %s, once', async (_, authentication) => {
    const tokens = tokensWith(authentication);
    const { access_token: text } = await auth.logIn('ada');
    const principal = await principalOf(text);
    const call = () => tokens.onBehalfOf(principal, 'inventory', 'inventory:read');
    const all = await Promise.all(Array.from({ length: 100 }, call));
    expect(new Set(all).size).toBe(1);
    expect(tokens.status().exchanges).toBe(1);
    expect(claimsOf(all[0]!)).toMatchObject({
      sub: principal.subject,
      sid: principal.sessionId,
      aud: ['inventory'],
      scope: 'inventory:read',
      act: { sub: 'orders' },
    });
  });

  it.each(AUTHENTICATIONS)('begins a transaction by %s', async (_, authentication) => {
    const tokens = tokensWith(authentication);
    const user = await principalOf((await auth.logIn('ada')).access_token);
    const begun = await tokens.beginTransaction(user, {
      scopes: 'inventory:read',
      requestContext: { req_ip: '192.0.2.7' },
      details: { sku: 'lamp' },
    });
    const { accessToken, transactionToken } = await tokens.withinTransaction(begun, 'inventory');
    const [caller, transaction] = await verifyAs('inventory', (verifier) =>
      Promise.all([
        verifier.verify(accessToken),
        verifier.verifyTransactionToken(transactionToken),
      ]),
    );
    expect(caller).toMatchObject({ subject: 'orders', clientId: 'orders' });
    expect(caller.sessionId).toBeUndefined();
    // It goes with every call of every user, so it has none of the scopes that orders has for itself.
    expect([...caller.scopes]).toEqual([]);
    expect([...transaction.scopes]).toEqual(['inventory:read']);
    expect(transaction).toMatchObject({
      subject: user.subject,
      sessionId: user.sessionId,
      transaction: {
        ...begun.transaction,
        requestingWorkloads: ['orders'],
        requestContext: { req_ip: '192.0.2.7' },
        details: { sku: 'lamp' },
      },
    });
  });

  it.each(AUTHENTICATIONS)('replaces a transaction of another by %s', async (_, authentication) => {
    const user = await principalOf((await auth.logIn('ada')).access_token);
    const begun = await tokensWith(authentication, 'payments').beginTransaction(user, {
      scopes: 'inventory:read inventory:write',
      details: { sku: 'lamp' },
    });
    const tokens = tokensWith(authentication);
    const replaced = await tokens.replaceTransaction(begun, { scopes: 'inventory:read' });
    const { transactionToken } = await tokens.withinTransaction(replaced, 'inventory');
    const transaction = await verifyAs('inventory', (verifier) =>
      verifier.verifyTransactionToken(transactionToken),
    );
    expect([...transaction.scopes]).toEqual(['inventory:read']);
    expect(transaction).toMatchObject({
      subject: user.subject,
      sessionId: user.sessionId,
      clientId: 'orders',
      transaction: { ...begun.transaction, requestingWorkloads: ['payments', 'orders'] },
    });
    expect(transaction.expiresAt).toBeLessThanOrEqual(begun.expiresAt);
  });

  it('is refused after a log-out that it has not heard of yet', async () => {
    const tokens = tokensWith({ clientSecret: SECRET });
    const { access_token: text } = await auth.logIn('ada');
    const principal = await principalOf(text);
    await auth.post('/logout', { token: text });
    await expect(tokens.onBehalfOf(principal, 'inventory', '')).rejects.toMatchObject({
      code: 'invalid_request',
      isCredentialInvalid: true,
    });
  });

  it.each<[string, string, string, string]>([
    ['another service', 'payments', '', 'invalid_target'],
    ['more scope than the user has', 'inventory', 'inventory:admin', 'invalid_scope'],
  ])('is refused for %s', async (_, audience, scopes, code) => {
    const { access_token: text } = await auth.logIn('ada');
    const call = tokensWith({ privateKey }).onBehalfOf(await principalOf(text), audience, scopes);
    await expect(call).rejects.toMatchObject({ code, isCredentialInvalid: false });
  });

  it('is refused with a wrong secret or key', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    for (const authentication of [{ clientSecret: 'wrong' }, { privateKey: other }])
      await expect(tokensWith(authentication).own('inventory', '')).rejects.toMatchObject({
        code: 'invalid_client',
      });
  });
});
