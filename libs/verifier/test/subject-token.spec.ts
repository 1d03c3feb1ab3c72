import { inspect } from 'node:util';
import { setSubjectToken, SubjectToken, subjectTokenOf, type Principal } from '../src/index.js';
import { makeFixture } from './verifier-fixture.js';

describe('the subject token of a principal', () => {
  it('is the token that the verifier verified', async () => {
    const { verifier, make } = await makeFixture();
    const token = await make();
    const principal = await verifier.verify(token);
    expect(subjectTokenOf(principal)).toMatchObject({ token, type: 'access_token' });
  });

  it('is that of each token, whether the same principal is returned again or not', async () => {
    for (const maxCachedTokens of [0, 2, 20_000]) {
      const { verifier, make } = await makeFixture({ maxCachedTokens });
      const tokens = await Promise.all(['ada', 'eve', 'ada'].map((subject) => make({ subject })));
      const again = [...tokens, ...tokens, ...tokens];
      const principals = await Promise.all(again.map((token) => verifier.verify(token)));
      expect(principals.map((principal) => subjectTokenOf(principal)?.token)).toEqual(again);
    }
  });

  it('belongs to the one principal that all uses of a cached token share', async () => {
    const { verifier, make } = await makeFixture();
    const token = await make();
    const first = await verifier.verify(token);
    expect(await verifier.verify(token)).toBe(first);
    expect(await verifier.verify(await make())).not.toBe(first);
  });

  it('is not that of a copy, whose claims somebody may have changed', async () => {
    const { verifier, make } = await makeFixture();
    const principal = await verifier.verify(await make());
    expect(subjectTokenOf({ ...principal })).toBeUndefined();
    expect(subjectTokenOf(structuredClone({ subject: 'ada' }) as Principal)).toBeUndefined();
  });

  it('appears in no text', async () => {
    const { verifier, make } = await makeFixture();
    const principal = await verifier.verify(await make());
    const subjectToken = subjectTokenOf(principal)!;
    const signature = subjectToken.token.split('.')[2]!;
    for (const value of [principal, subjectToken, { principal, subjectToken }, [subjectToken]]) {
      const texts = [
        JSON.stringify(value),
        inspect(value, { depth: Infinity, showHidden: true, getters: false }),
        JSON.stringify(Object.entries(value)),
      ];
      for (const text of texts) expect(text).not.toContain(signature);
    }
  });

  it('can be set by a guard that verifies another credential', () => {
    const principal: Principal = Object.freeze({
      issuer: 'https://issuer.test',
      subject: 'ada',
      scopes: new Set<string>(),
      expiresAt: 1,
    });
    expect(subjectTokenOf(principal)).toBeUndefined();
    setSubjectToken(principal, new SubjectToken('credential', 'session'));
    expect(subjectTokenOf(principal)).toMatchObject({ token: 'credential', type: 'session' });
  });
});
