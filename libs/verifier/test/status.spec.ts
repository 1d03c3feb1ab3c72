import { makeFixture } from './verifier-fixture.js';

describe('Verifier.status', () => {
  it('returns the known keys and the number of tokens by outcome', async () => {
    const outcomes: string[] = [];
    const { issuer, verifier, make, judge } = await makeFixture({
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    const good = await make();
    await judge(good);
    await judge(good);
    await judge('nonsense');
    await judge(await make({ audience: 'payments' }));
    await judge(await make({ audience: 'payments' }));
    expect(verifier.status()).toMatchObject({
      issuers: [{ keyIds: [issuer.keys[0]!.kid], lastFetchSucceeded: true }],
      tokens: { accepted: 2, refused: { malformed: 1, wrong_audience: 2 }, unavailable: {} },
      signatureCache: { tokens: 1, hits: 1, misses: 4 },
    });
    expect(outcomes).toEqual([
      'accepted',
      'accepted',
      'malformed',
      'wrong_audience',
      'wrong_audience',
    ]);
    verifier.close();
  });

  it('is told with the principal of each accepted token, and none of a rejected one', async () => {
    const told: unknown[] = [];
    const { verifier, make, judge } = await makeFixture({
      onOutcome: (...outcome) => told.push(outcome),
    });
    const good = await make();
    const principal = await verifier.verify(good);
    await verifier.verify(good);
    await judge(await make({ audience: 'payments' }));
    expect(told).toEqual([
      ['accepted', 'access_token', principal],
      ['accepted', 'access_token', principal],
      ['wrong_audience', 'access_token'],
    ]);
    verifier.close();
  });

  it('counts tokens that could not be verified separately', async () => {
    const { verifier, make } = await makeFixture({
      keys: () => Promise.reject(new Error('the issuer is unreachable')),
    });
    await expect(verifier.verify(await make())).rejects.toThrow(
      "The token cannot be verified: the issuer's key set cannot be fetched",
    );
    expect(verifier.status()).toMatchObject({
      issuers: [{ keyIds: [], lastFetchSucceeded: false, fetches: { succeeded: 0, failed: 1 } }],
      tokens: { accepted: 0, refused: {}, unavailable: { keys_unreachable: 1 } },
    });
    verifier.close();
  });
});

describe('claimNames', () => {
  it('maps other claims to the client and the token ID', async () => {
    const { verifier, make } = await makeFixture({
      claimNames: { clientId: 'azp', tokenId: 'uti' },
    });
    const token = await make({
      claims: { client_id: undefined, jti: undefined, azp: 'a', uti: 'u' },
    });
    expect(await verifier.verify(token)).toMatchObject({ clientId: 'a', tokenId: 'u' });
    verifier.close();
  });

  it('maps another claim to the scopes, and ignores the default one', async () => {
    const { verifier, make, judge } = await makeFixture({ claimNames: { scope: 'scp' } });
    const { scopes } = await verifier.verify(
      await make({ claims: { scp: 'a b', scope: 'admin' } }),
    );
    expect([...scopes]).toEqual(['a', 'b']);
    expect(await judge(await make({ claims: { scp: ['a'] } }))).toBe('invalid_claims');
    verifier.close();
  });

  it('allows issuers without a client or a token ID', async () => {
    const { verifier, make } = await makeFixture({ claimNames: { clientId: null, tokenId: null } });
    const principal = await verifier.verify(await make());
    expect(principal).not.toHaveProperty('clientId');
    expect(principal).not.toHaveProperty('tokenId');
    verifier.close();
  });

  it('requires the claims that it names', async () => {
    const { verifier, make, judge } = await makeFixture({ claimNames: { clientId: 'azp' } });
    expect(await judge(await make())).toBe('invalid_claims');
    expect(await judge(await make({ claims: { azp: 1 } }))).toBe('invalid_claims');
    expect(await judge(await make({ claims: { azp: 'a', jti: undefined } }))).toBe(
      'invalid_claims',
    );
    verifier.close();
  });
});
