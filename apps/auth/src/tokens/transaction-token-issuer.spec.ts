import { MAX_TOKEN_BYTES, TransactionContext, TransactionTokenClaims } from '@latchkey/contracts';
import { InMemorySigningKeyStore, KeyEncryption, KeyRing } from '@latchkey/issuer';
import { createVerifier, type Verifier } from '@latchkey/verifier';
import { JwtService } from '@nestjs/jwt';
import fc from 'fast-check';
import { decodeProtectedHeader } from 'jose';
import { randomBytes } from 'node:crypto';
import { TokenSigner } from './token-signer.js';
import { TransactionTokenIssuer } from './transaction-token-issuer.js';

const options = {
  issuer: 'http://127.0.0.1:4000',
  audiences: ['orders'],
  lifetimeSeconds: 300,
  transactionTokens: { trustDomain: 'shop.example', lifetimeSeconds: 60 },
};

describe('TransactionTokenIssuer', () => {
  let signer: TokenSigner;
  let verifier: Verifier;

  beforeAll(async () => {
    const ring = new KeyRing({
      store: new InMemorySigningKeyStore(),
      encryption: new KeyEncryption(randomBytes(32)),
      policy: {
        publishAheadSeconds: 0,
        rotationSeconds: 3600,
        retireAfterSeconds: 3600,
        maxReadingAgeSeconds: 3600,
      },
    });
    await ring.maintain();
    signer = new TokenSigner(ring, new JwtService({}), { cover: () => Promise.resolve() });
    verifier = createVerifier({
      issuer: options.issuer,
      audience: 'orders',
      transactionTokens: { trustDomain: 'shop.example' },
      keys: () => Promise.resolve({ keys: ring.publicKeys }),
      revocations: 'ignore',
    });
  });
  afterAll(() => verifier.close());

  const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
  const scope = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{1,40}$/);
  const text = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 40 })
    .filter((value) => value.isWellFormed());
  const context = fc
    .dictionary(fc.string({ unit: 'grapheme', maxLength: 10 }), fc.jsonValue({ maxDepth: 2 }), {
      maxKeys: 5,
    })
    .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>)
    .filter((value) => TransactionContext.safeParse(value).success);
  const request = fc.record(
    {
      subject: text,
      sessionId: text,
      transactionId: fc.uuid(),
      scopes: fc.uniqueArray(scope, { minLength: 1, maxLength: 5 }),
      requestingWorkloads: fc.array(name, { minLength: 1, maxLength: 4 }),
      requestContext: context,
      details: context,
    },
    { requiredKeys: ['subject', 'scopes', 'requestingWorkloads'] },
  );

  it('writes tokens that the contract describes, and that the verifier reads as they were meant', async () => {
    const issuer = new TransactionTokenIssuer(signer, options);
    await fc.assert(
      fc.asyncProperty(request, async (wanted) => {
        const { token, claims } = await issuer.issue(wanted, Date.now());
        expect(TransactionTokenClaims.parse(claims)).toEqual(claims);
        expect(token.length).toBeLessThanOrEqual(MAX_TOKEN_BYTES);
        expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', typ: 'txntoken+jwt' });
        const principal = await verifier.verifyTransactionToken(token);
        expect({ ...principal, scopes: [...principal.scopes] }).toMatchObject({
          subject: wanted.subject,
          scopes: wanted.scopes,
          clientId: wanted.requestingWorkloads.at(-1),
          tokenId: claims.jti,
          transaction: {
            id: wanted.transactionId ?? claims.txn,
            requestingWorkloads: wanted.requestingWorkloads,
          },
        });
        expect(principal.sessionId).toBe(wanted.sessionId);
        const { requestContext, details } = principal.transaction;
        expect(JSON.stringify(requestContext)).toBe(JSON.stringify(wanted.requestContext ?? {}));
        expect(JSON.stringify(details)).toBe(JSON.stringify(wanted.details ?? {}));
      }),
      { numRuns: 200 },
    );
  });

  it('never lets a token live longer than an access token', async () => {
    const wanted = { subject: 'ada', scopes: ['a'], requestingWorkloads: ['orders'] };
    const lifetimeOf = async (lifetimeSeconds: number) => {
      const issuer = new TransactionTokenIssuer(signer, { ...options, lifetimeSeconds });
      const { claims } = await issuer.issue(wanted);
      return claims.exp - claims.iat;
    };
    expect(await lifetimeOf(300)).toBe(60);
    expect(await lifetimeOf(20)).toBe(20);
  });

  it('needs a trust domain', () => {
    const issuer = new TransactionTokenIssuer(signer, { ...options, transactionTokens: undefined });
    const wanted = { subject: 'ada', scopes: ['a'], requestingWorkloads: ['orders'] };
    expect(issuer.trustDomain).toBeUndefined();
    expect(() => issuer.issue(wanted)).toThrow('there is no trust domain');
  });
});
