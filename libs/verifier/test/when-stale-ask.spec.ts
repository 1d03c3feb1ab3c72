import type { Introspect, RevocationCheck } from '../src/index.js';
import { ISSUER, makeFixture, type Fixture, type FixtureOptions } from './verifier-fixture.js';

describe("whenStale: 'ask'", () => {
  let fixture: Fixture;
  let list: { -readonly [Name in keyof RevocationCheck]: RevocationCheck[Name] };
  let asked: string[];
  let answer: Introspect;

  const make = async (more: object = {}, timeoutSeconds?: number) => {
    list = { loaded: true, isRevoked: () => false, stalenessSeconds: () => 6 };
    asked = [];
    answer = () => Promise.resolve(true);
    const introspect: Introspect = (token, principal, signal) => {
      asked.push(token);
      return answer(token, principal, signal);
    };
    const options = {
      revocations: list,
      whenStale: 'ask',
      introspection: { introspect, ...(timeoutSeconds !== undefined && { timeoutSeconds }) },
      ...more,
    };
    fixture = await makeFixture(options as FixtureOptions);
  };
  beforeEach(() => make());
  afterEach(() => fixture.verifier.close());

  it('does not ask while the list is fresh', async () => {
    list.stalenessSeconds = () => 5;
    expect(await fixture.judge(await fixture.make())).toBe('accepted');
    expect(asked).toEqual([]);
  });

  it('accepts an active token, and asks again the next time', async () => {
    const token = await fixture.make();
    expect(await fixture.judge(token)).toBe('accepted');
    expect(await fixture.judge(token)).toBe('accepted');
    expect(asked).toEqual([token, token]);
  });

  it('rejects an inactive token', async () => {
    answer = () => Promise.resolve(false);
    expect(await fixture.judge(await fixture.make())).toBe('revoked');
  });

  it('rejects revoked and invalid tokens without asking', async () => {
    const token = await fixture.make();
    list.isRevoked = () => true;
    expect(await fixture.judge(token)).toBe('revoked');
    list.isRevoked = () => false;
    expect(await fixture.judge(await fixture.make({ expiresAt: 1 }))).not.toBe('accepted');
    expect(await fixture.judge('nonsense')).toBe('malformed');
    expect(asked).toEqual([]);
  });

  it('rejects an active token that was revoked during the request', async () => {
    answer = () => {
      list.isRevoked = () => true;
      return Promise.resolve(true);
    };
    expect(await fixture.judge(await fixture.make())).toBe('revoked');
  });

  it('fails without asking until the list is loaded', async () => {
    list.loaded = false;
    await expect(fixture.verifier.verify(await fixture.make())).rejects.toMatchObject({
      code: 'revocations_not_loaded',
    });
    expect(asked).toEqual([]);
  });

  it('fails if the request fails', async () => {
    answer = () => Promise.reject(new Error('unreachable'));
    await expect(fixture.verifier.verify(await fixture.make())).rejects.toMatchObject({
      name: 'VerifierUnavailableError',
      code: 'introspection_unavailable',
    });
  });

  it('does not wait for a function that ignores its signal', async () => {
    await make({}, 0.02);
    answer = () => new Promise<boolean>(() => undefined);
    await expect(fixture.verifier.verify(await fixture.make())).rejects.toMatchObject({
      code: 'introspection_unavailable',
    });
  });

  it('shares one request between concurrent calls for a token', async () => {
    const token = await fixture.make();
    const judged = await Promise.all([token, token, token].map((each) => fixture.judge(each)));
    expect(judged).toEqual(['accepted', 'accepted', 'accepted']);
    expect(asked).toEqual([token]);
  });

  it('sends at most 64 requests at a time', async () => {
    let settle!: (active: boolean) => void;
    const settled = new Promise<boolean>((resolve) => (settle = resolve));
    answer = () => settled;
    const tokens = await Promise.all(Array.from({ length: 65 }, () => fixture.make()));
    const judged = tokens.map((token) =>
      fixture.verifier.verify(token).then(
        () => 'accepted',
        (error: { code: string }) => error.code,
      ),
    );
    expect(await judged.at(-1)).toBe('introspection_unavailable');
    settle(true);
    expect(new Set(await Promise.all(judged.slice(0, 64)))).toEqual(new Set(['accepted']));
    expect(asked).toHaveLength(64);
  });

  it('can be chosen per call', async () => {
    await make({ whenStale: 'refuse' });
    const token = await fixture.make();
    await expect(fixture.verifier.verify(token)).rejects.toMatchObject({
      code: 'revocations_stale',
    });
    await fixture.verifier.verify(token, { whenStale: 'ask' });
    expect(asked).toEqual([token]);
  });

  it('cannot be chosen without introspection, whether the list is stale or not', async () => {
    await make({ whenStale: 'accept', introspection: undefined });
    list.stalenessSeconds = () => 0;
    const verified = fixture.verifier.verify(await fixture.make(), { whenStale: 'ask' });
    await expect(verified).rejects.toThrow(
      new TypeError(`whenStale: 'ask' requires the option introspection of ${ISSUER}`),
    );
    await expect(make({ introspection: undefined })).rejects.toThrow(
      /requires the option introspection/,
    );
  });

  it.each([
    ['no client', { clientId: '', authentication: { clientSecret: 's' } }, /clientId/],
    ['no secret', { clientId: 'orders', authentication: { clientSecret: '' } }, /clientSecret/],
    [
      'an invalid URL',
      { clientId: 'orders', authentication: { clientSecret: 's' }, url: 'nowhere' },
      /introspection\.url/,
    ],
    [
      'no time limit',
      { introspect: () => Promise.resolve(true), timeoutSeconds: 0 },
      /timeoutSeconds/,
    ],
  ])('names the wrong option: %s', async (_, introspection, message) => {
    await expect(make({ introspection })).rejects.toThrow(message);
  });
});
