import { InMemorySigningKeyStore, KeyEncryption, KeyRing } from '@latchkey/issuer';
import { createVerifier } from '@latchkey/verifier';
import { JwtService } from '@nestjs/jwt';
import { decodeProtectedHeader } from 'jose';
import { randomBytes } from 'node:crypto';
import { AccessTokenIssuer } from './access-token-issuer.js';
import { TokenSigner } from './token-signer.js';

const options = {
  issuer: 'http://127.0.0.1:4000',
  audiences: ['orders', 'inventory'],
  lifetimeSeconds: 300,
};
const request = {
  subject: 'u-1',
  clientId: 'latchkey-web',
  scopes: ['orders:read'],
  sessionId: 's-1',
  authTime: 1,
};

async function setUp() {
  const ring = new KeyRing({
    store: new InMemorySigningKeyStore(),
    encryption: new KeyEncryption(randomBytes(32)),
    policy: {
      publishAheadSeconds: 0,
      rotationSeconds: 3600,
      retireAfterSeconds: 3600,
      maxReadingAgeSeconds: 30,
    },
  });
  await ring.maintain();
  const recorded = { until: -Infinity, available: true };
  const lifetimes = {
    cover: (iat: number) => {
      if (!recorded.available) return Promise.reject(new Error('the database is unavailable'));
      recorded.until = Math.max(recorded.until, iat);
      return Promise.resolve();
    },
  };
  const signer = new TokenSigner(ring, new JwtService({}), lifetimes);
  const tokens = new AccessTokenIssuer(signer, options);
  const verifierFor = (audience: string) =>
    createVerifier({
      issuer: options.issuer,
      audience,
      keys: () => Promise.resolve({ keys: ring.publicKeys }),
      revocations: 'ignore',
      clockToleranceSeconds: 5,
    });
  return { ring, tokens, recorded, verifierFor };
}

describe('AccessTokenIssuer', () => {
  it('issues tokens for every audience and the issuer itself', async () => {
    const { tokens, verifierFor } = await setUp();
    const { token, claims } = await tokens.issue(request);
    for (const audience of [...options.audiences, options.issuer]) {
      const verifier = verifierFor(audience);
      expect(await verifier.verify(token)).toMatchObject({
        subject: 'u-1',
        clientId: 'latchkey-web',
        sessionId: 's-1',
        tokenId: claims.jti,
        expiresAt: claims.iat + 300,
      });
      verifier.close();
    }
  });

  it('writes the RFC 9068 header with the key that is active at that moment', async () => {
    const { ring, tokens } = await setUp();
    const before = await tokens.issue(request);
    await ring.rotate();
    const after = await tokens.issue(request);
    const kid = ring.signingKey().keyId;
    expect(decodeProtectedHeader(after.token)).toEqual({ alg: 'RS256', typ: 'at+jwt', kid });
    expect(decodeProtectedHeader(before.token).kid).not.toBe(kid);
  });

  it('issues tokens that stay valid after a rotation', async () => {
    const { ring, tokens, verifierFor } = await setUp();
    const { token } = await tokens.issue(request);
    await ring.rotate();
    const verifier = verifierFor('orders');
    expect((await verifier.verify(token)).subject).toBe('u-1');
    verifier.close();
  });

  it('issues tokens that a log-out everywhere in the same second does not cover', async () => {
    const { tokens } = await setUp();
    const before = Math.floor(Date.now() / 1000) + 1;
    const { claims } = await tokens.issue({ ...request, notBefore: before });
    expect(claims.iat).toBeGreaterThanOrEqual(before);
  });

  it('issues no token before its lifetime is recorded', async () => {
    const { tokens, recorded } = await setUp();
    const { claims } = await tokens.issue({ ...request, notBefore: 9_000_000_000 });
    expect(recorded.until).toBe(claims.iat);
    recorded.available = false;
    await expect(tokens.issue(request)).rejects.toThrow('the database is unavailable');
  });
});
