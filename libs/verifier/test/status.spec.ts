import { makeFixture } from './verifier-fixture.js';

describe('what a verifier reports of itself', () => {
  it('is which keys it trusts and how many tokens it accepted and refused, by code', async () => {
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

  it('counts apart what could not be told', async () => {
    const { verifier, make } = await makeFixture({
      keys: () => Promise.reject(new Error('the issuer is away')),
    });
    await expect(verifier.verify(await make())).rejects.toThrow('cannot verify: keys_unreachable');
    expect(verifier.status()).toMatchObject({
      issuers: [{ keyIds: [], lastFetchSucceeded: false, fetches: { succeeded: 0, failed: 1 } }],
      tokens: { accepted: 0, refused: {}, unavailable: { keys_unreachable: 1 } },
    });
    verifier.close();
  });
});

describe('an issuer that does not follow RFC 9068', () => {
  it('may name the client and the token by other claims', async () => {
    const { verifier, make } = await makeFixture({
      claimNames: { clientId: 'azp', tokenId: 'uti' },
    });
    const token = await make({
      claims: { client_id: undefined, jti: undefined, azp: 'a', uti: 'u' },
    });
    expect(await verifier.verify(token)).toMatchObject({ clientId: 'a', tokenId: 'u' });
    verifier.close();
  });

  it('may name the scopes by another claim, and by no other', async () => {
    const { verifier, make, judge } = await makeFixture({ claimNames: { scope: 'scp' } });
    const { scopes } = await verifier.verify(
      await make({ claims: { scp: 'a b', scope: 'admin' } }),
    );
    expect([...scopes]).toEqual(['a', 'b']);
    expect(await judge(await make({ claims: { scp: ['a'] } }))).toBe('invalid_claims');
    verifier.close();
  });

  it('may have neither', async () => {
    const { verifier, make } = await makeFixture({ claimNames: { clientId: null, tokenId: null } });
    const principal = await verifier.verify(await make());
    expect(principal).not.toHaveProperty('clientId');
    expect(principal).not.toHaveProperty('tokenId');
    verifier.close();
  });

  it('is held to the names that were given for it', async () => {
    const { verifier, make, judge } = await makeFixture({ claimNames: { clientId: 'azp' } });
    expect(await judge(await make())).toBe('invalid_claims');
    expect(await judge(await make({ claims: { azp: 1 } }))).toBe('invalid_claims');
    expect(await judge(await make({ claims: { azp: 'a', jti: undefined } }))).toBe(
      'invalid_claims',
    );
    verifier.close();
  });
});
