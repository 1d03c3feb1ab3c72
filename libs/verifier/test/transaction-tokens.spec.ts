import { TEST_TRUST_DOMAIN, makeIssuer } from '@latchkey/testing';
import {
  createVerifier,
  subjectTokenOf,
  type RevocationCheck,
  type TokenKindName,
  type Verifier,
} from '../src/index.js';
import {
  ISSUER,
  judge,
  makeFixture,
  type Fixture,
  type FixtureOptions,
} from './verifier-fixture.js';

const transactionTokens = { trustDomain: TEST_TRUST_DOMAIN };
const KINDS: readonly TokenKindName[] = ['access_token', 'transaction_token'];

describe('verifyTransactionToken', () => {
  let fixture: Fixture;
  let outcomes: [string, string][];

  beforeEach(async () => {
    outcomes = [];
    fixture = await makeFixture({
      transactionTokens,
      onOutcome: (outcome, kind) => outcomes.push([outcome, kind]),
    });
  });
  afterEach(() => fixture.verifier.close());

  it('returns the subject of the transaction with its scopes, and what the transaction is about', async () => {
    const { issuer, verifier } = fixture;
    const claims = {
      sub: 'ada',
      sid: 's1',
      jti: 't1',
      txn: 'x1',
      scope: 'orders:write payments:write',
      req_wl: 'gateway,orders',
      act: { sub: 'eve' },
    };
    const principal = await verifier.verifyTransactionToken(
      await issuer.makeTransactionToken({ claims }),
    );
    expect([...principal.scopes]).toEqual(['orders:write', 'payments:write']);
    expect(principal).toMatchObject({
      issuer: ISSUER,
      subject: 'ada',
      sessionId: 's1',
      tokenId: 't1',
      clientId: 'orders',
      audience: [TEST_TRUST_DOMAIN],
      keyId: issuer.keys[0]!.kid,
      claims,
      transaction: {
        id: 'x1',
        requestingWorkloads: ['gateway', 'orders'],
        requestContext: { req_ip: '192.0.2.7' },
        details: { action: 'order' },
      },
    });
    expect(principal.actor).toBeUndefined();
  });

  it('freezes everything that later calls share', async () => {
    const { issuer, verifier } = fixture;
    const claims = { tctx: { item: { id: 1 }, list: [1] }, rctx: undefined };
    const token = await issuer.makeTransactionToken({ claims });
    const { transaction } = await verifier.verifyTransactionToken(token);
    const { item, list } = transaction.details as { item: object; list: number[] };
    for (const change of [
      () => Object.assign(item, { id: 2 }),
      () => list.push(2),
      () => Object.assign(transaction.details, { more: 1 }),
      () => Object.assign(transaction.requestContext, { req_ip: '192.0.2.8' }),
      () => (transaction.requestingWorkloads as string[]).push('eve'),
      () => Object.assign(transaction, { id: 'other' }),
    ])
      expect(change).toThrow(TypeError);
    expect((await verifier.verifyTransactionToken(token)).transaction).toEqual(transaction);
  });

  it('remembers the token, to pass it on', async () => {
    const token = await fixture.issuer.makeTransactionToken();
    const principal = await fixture.verifier.verifyTransactionToken(token);
    expect(subjectTokenOf(principal)).toMatchObject({ token, type: 'transaction_token' });
  });

  it('counts its outcomes apart from those of verify()', async () => {
    const { issuer, make, verifier } = fixture;
    const token = await issuer.makeTransactionToken();
    for (const each of [token, token, await make(), 'nonsense'])
      await judge(verifier, each, 'transaction_token');
    await judge(verifier, token);
    expect(verifier.status()).toMatchObject({
      tokens: { accepted: 0, refused: { wrong_type: 1 } },
      signatureCache: { tokens: 0, hits: 0, misses: 1 },
      transactionTokens: {
        tokens: { accepted: 2, refused: { wrong_type: 1, malformed: 1 } },
        signatureCache: { tokens: 1, hits: 1, misses: 3 },
      },
    });
    expect(outcomes).toEqual([
      ['accepted', 'transaction_token'],
      ['accepted', 'transaction_token'],
      ['wrong_type', 'transaction_token'],
      ['malformed', 'transaction_token'],
      ['wrong_type', 'access_token'],
    ]);
  });

  it.each(KINDS)('never takes a cached %s for the other kind', async (cached) => {
    const [other] = KINDS.filter((kind) => kind !== cached);
    const { issuer, make, verifier } = fixture;
    const token = cached === 'access_token' ? await make() : await issuer.makeTransactionToken();
    for (let round = 0; round < 3; round++) {
      expect(await judge(verifier, token, other)).toBe('wrong_type');
      expect(await judge(verifier, token, cached)).toBe('accepted');
    }
    // Even with the same signature at the end, which is all that the cache hashes.
    const [head, body, signature] = token.split('.');
    const otherToken =
      other === 'access_token' ? await make() : await issuer.makeTransactionToken();
    const [otherHead, otherBody] = otherToken.split('.');
    expect(await judge(verifier, `${otherHead}.${otherBody}.${signature}`, other)).toBe(
      'bad_signature',
    );
    expect(await judge(verifier, `${otherHead}.${body}.${signature}`, other)).not.toBe('accepted');
    expect(await judge(verifier, `${head}.${otherBody}.${signature}`, cached)).not.toBe('accepted');
  });

  it('rejects what is not a string', async () => {
    for (const value of [undefined, null, 1, {}, ['a.b.c']])
      expect(await judge(fixture.verifier, value as string, 'transaction_token')).toBe('malformed');
  });
});

describe('a verifier without transactionTokens', () => {
  it('accepts no transaction token in any way', async () => {
    const { issuer, judge: judged, verifier } = await makeFixture();
    const token = await issuer.makeTransactionToken();
    expect(verifier.acceptsTransactionTokens).toBe(false);
    expect(verifier.status()).not.toHaveProperty('transactionTokens');
    expect(await judged(token)).toBe('wrong_type');
    await expect(verifier.verifyTransactionToken(token)).rejects.toThrow(
      new TypeError('verifyTransactionToken() requires the option transactionTokens'),
    );
    verifier.close();
  });
});

describe('a verifier with several issuers', () => {
  it('accepts transaction tokens only of the one that has the option', async () => {
    const [one, two] = await Promise.all(
      ['https://one.test', 'https://two.test'].map((issuer) => makeIssuer({ issuer })),
    );
    const verifier = createVerifier({
      issuers: [one!, two!].map((issuer) => ({
        issuer: issuer.issuer,
        audience: 'orders',
        keys: () => Promise.resolve(issuer.jwks()),
        ...(issuer === one && { transactionTokens }),
      })),
      revocations: 'ignore',
    });
    const ofBoth = (issuer: typeof one) => judgeBoth(verifier, issuer!);
    expect(await ofBoth(one)).toEqual(['accepted', 'accepted']);
    expect(await ofBoth(two)).toEqual(['accepted', 'untrusted_issuer']);
    verifier.close();
  });

  const judgeBoth = async (verifier: Verifier, issuer: Fixture['issuer']) => [
    await judge(verifier, await issuer.makeToken()),
    await judge(verifier, await issuer.makeTransactionToken(), 'transaction_token'),
  ];
});

describe('revocations of transaction tokens', () => {
  let list: { -readonly [Name in keyof RevocationCheck]: RevocationCheck[Name] };
  let asked: number;
  const make = (more: FixtureOptions = {}) => {
    list = { loaded: true, isRevoked: () => false, stalenessSeconds: () => 0 };
    asked = 0;
    const introspect = () => Promise.resolve(++asked > 0);
    const options = {
      transactionTokens,
      revocations: list,
      introspection: { introspect },
      ...more,
    };
    return makeFixture(options);
  };

  it('are looked up by session, subject, client, token and key', async () => {
    const { issuer, verifier } = await make({ whenStale: 'accept' });
    const claims = { sub: 'ada', sid: 's1', jti: 't1', req_wl: 'gateway,orders', iat: undefined };
    const issuedAt = Math.floor(Date.now() / 1000);
    const token = await issuer.makeTransactionToken({ claims: { ...claims, iat: issuedAt } });
    const matches: object[] = [
      { sessionId: 's1' },
      { subject: 'ada', issuedAt },
      { clientId: 'orders', issuedAt },
      { tokenId: 't1' },
      { keyId: issuer.keys[0]!.kid },
    ];
    for (const match of matches) {
      list.isRevoked = (identity) =>
        Object.entries(match).every(([name, value]) => Reflect.get(identity, name) === value);
      expect(await judge(verifier, token, 'transaction_token')).toBe('revoked');
      list.isRevoked = () => false;
      expect(await judge(verifier, token, 'transaction_token')).toBe('accepted');
    }
    verifier.close();
  });

  it('may be stale only where the route accepts that; the issuer is never asked', async () => {
    const { issuer, verifier } = await make({ whenStale: 'ask' });
    const token = await issuer.makeTransactionToken();
    expect(await judge(verifier, token, 'transaction_token')).toBe('accepted');
    list.stalenessSeconds = () => 6;
    const stale = { code: 'revocations_stale' };
    await expect(verifier.verifyTransactionToken(token)).rejects.toMatchObject(stale);
    for (const whenStale of ['ask', 'refuse'] as const)
      await expect(verifier.verifyTransactionToken(token, { whenStale })).rejects.toMatchObject(
        stale,
      );
    await verifier.verifyTransactionToken(token, { whenStale: 'accept' });
    expect(asked).toBe(0);
    verifier.close();
  });

  it('are awaited up to minSerial', async () => {
    const { issuer, verifier } = await make({ whenStale: 'accept' });
    const token = await issuer.makeTransactionToken();
    await expect(verifier.verifyTransactionToken(token, { minSerial: 7 })).rejects.toMatchObject({
      code: 'revocations_behind',
    });
    list.waitForSerial = (_, serial) => Promise.resolve(serial === 7);
    await verifier.verifyTransactionToken(token, { minSerial: 7 });
    verifier.close();
  });
});

describe('a transaction token that a wrong option rejects', () => {
  it.each<[string, FixtureOptions, Record<string, unknown>, RegExp]>([
    [
      'wrong_audience',
      { transactionTokens: { trustDomain: 'bank.test' } },
      {},
      /its aud is not bank\.test\. Check the option `transactionTokens\.trustDomain`/,
    ],
    [
      'lifetime_too_long',
      { transactionTokens: { ...transactionTokens, maxLifetimeSeconds: 30 } },
      {},
      /its lifetime exceeds 30 s\. Check the option `transactionTokens\.maxLifetimeSeconds`/,
    ],
    [
      'untrusted_issuer',
      { transactionTokens },
      { iss: 'https://other.test' },
      /its iss is not https:\/\/issuer\.test\. Give the option `transactionTokens`/,
    ],
    ['wrong_type', { transactionTokens }, {}, /its typ is not txntoken\+jwt\. Check that callers/],
  ])('is reported: %s', async (code, options, claims, advice) => {
    const warnings: { reason: string; message: string }[] = [];
    const { issuer, verifier, make } = await makeFixture({
      ...options,
      onWarning: (warning) => warnings.push(warning),
    });
    const token =
      code === 'wrong_type' ? await make() : await issuer.makeTransactionToken({ claims });
    expect(await judge(verifier, token, 'transaction_token')).toBe(code);
    // An access token's warning with the same reason must not be suppressed by it.
    expect(await judge(verifier, await make({ audience: 'payments' }))).toBe('wrong_audience');
    expect(warnings.map(({ reason }) => reason)).toEqual([
      `transaction_token_${code}`,
      'wrong_audience',
    ]);
    expect(warnings[0]!.message).toMatch(/^A transaction token was rejected: /);
    expect(warnings[0]!.message).toMatch(advice);
    verifier.close();
  });
});
