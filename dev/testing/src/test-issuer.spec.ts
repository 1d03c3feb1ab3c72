import { AccessTokenClaims, TransactionTokenClaims } from '@latchkey/contracts';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { makeIssuer, makeToken, signRaw, TEST_TRUST_DOMAIN } from './test-issuer.js';

describe('makeIssuer', () => {
  it('issues tokens that its key set verifies and the contract accepts', async () => {
    const issuer = await makeIssuer({ issuer: 'https://auth.test', audience: ['orders', 'x'] });
    const keySet = createLocalJWKSet(issuer.jwks());
    const { payload, protectedHeader } = await jwtVerify(await issuer.makeToken(), keySet, {
      issuer: 'https://auth.test',
      audience: 'x',
      typ: 'at+jwt',
    });
    expect(AccessTokenClaims.safeParse(payload).success).toBe(true);
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: issuer.keys[0]?.kid });
  });

  it('issues transaction tokens that its key set verifies and the contract accepts', async () => {
    const issuer = await makeIssuer({ issuer: 'https://auth.test' });
    const keySet = createLocalJWKSet(issuer.jwks());
    const { payload } = await jwtVerify(await issuer.makeTransactionToken(), keySet, {
      issuer: 'https://auth.test',
      audience: TEST_TRUST_DOMAIN,
      typ: 'txntoken+jwt',
    });
    expect(TransactionTokenClaims.parse(payload)).toEqual(payload);
  });

  it('publishes no private key', async () => {
    const issuer = await makeIssuer();
    expect(Object.keys(issuer.jwks().keys[0] ?? {}).sort()).toEqual([
      'alg',
      'e',
      'kid',
      'kty',
      'n',
      'use',
    ]);
  });

  it('signs with the newest key after a rotation, and can remove the old one', async () => {
    const issuer = await makeIssuer();
    const [old] = issuer.keys;
    const added = await issuer.addKey();
    expect(decodeProtectedHeader(await issuer.makeToken()).kid).toBe(added.kid);
    issuer.removeKey(old?.kid ?? '');
    expect(issuer.jwks().keys).toEqual([added.publicJwk]);
  });
});

describe('makeToken', () => {
  it('applies overrides to a valid token', async () => {
    const token = await makeToken({
      expiresAt: 12,
      kid: 'other',
      claims: { sub: undefined, extra: 1 },
      header: { typ: undefined, crit: ['b64'] },
    });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ exp: 12, extra: 1, iss: 'https://issuer.test' });
    expect(claims).not.toHaveProperty('sub');
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', kid: 'other', crit: ['b64'] });
  });
});

describe('signRaw', () => {
  it('signs bytes that no JSON serializer produces', async () => {
    const issuer = await makeIssuer();
    const [key] = issuer.keys;
    if (!key) throw new Error('unreachable');
    const payload = '{"sub":"a","sub":"b","exp":1e400}';
    const token = await signRaw('{"alg":"RS256"}', payload, key);
    expect(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).toBe(payload);
  });
});
