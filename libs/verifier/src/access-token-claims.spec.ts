import { makeFixture, type Fixture } from './verifier-fixture.js';

describe('the claims of a token', () => {
  let fixture: Fixture;
  const now = Math.floor(Date.now() / 1000);

  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(() => fixture.verifier.close());

  const withClaims = async (claims: Record<string, unknown>) =>
    fixture.judge(await fixture.make({ claims }));

  it('become a principal', async () => {
    const act = { sub: 'orders', client_id: 'orders', act: { sub: 'gateway' } };
    const claims = { sub: 'ada', sid: 's1', scope: 'a b', aud: ['x', 'orders'], act, extra: 1 };
    const token = await fixture.make({ claims });
    expect(await fixture.verifier.verify(token)).toMatchObject({
      issuer: 'https://issuer.test',
      subject: 'ada',
      sessionId: 's1',
      clientId: 'latchkey-web',
      scopes: new Set(['a', 'b']),
      audience: ['x', 'orders'],
      actor: act,
      keyId: fixture.issuer.keys[0]!.kid,
    });
  });

  it.each([
    ['another', 'https://other.test'],
    ['a longer one', 'https://issuer.test/'],
    ['a shorter one', 'https://issuer.tes'],
    ['another case', 'https://ISSUER.test'],
    ['a list', ['https://issuer.test']],
    ['an object', { toString: 'https://issuer.test' }],
    ['none', undefined],
    ['null', null],
  ])('are refused when the issuer is %s', async (_, iss) => {
    expect(await withClaims({ iss })).toBe('untrusted_issuer');
  });

  it.each<[string, unknown, string]>([
    ['another', 'payments', 'wrong_audience'],
    ['a prefix', 'order', 'wrong_audience'],
    ['longer', 'orders2', 'wrong_audience'],
    ['a list of others', ['payments', 'Orders'], 'wrong_audience'],
    ['an empty list', [], 'invalid_claims'],
    ['a list with a number', ['orders', 1], 'invalid_claims'],
    ['a nested list', [['orders']], 'invalid_claims'],
    ['an object', { orders: true }, 'invalid_claims'],
    ['empty', '', 'invalid_claims'],
    ['none', undefined, 'invalid_claims'],
  ])('are refused when the audience is %s', async (_, aud, code) => {
    expect(await withClaims({ aud })).toBe(code);
  });

  it.each(['sub', 'jti', 'client_id'])('are refused without a proper %s', async (name) => {
    for (const value of [undefined, null, '', 1, [], {}, true]) {
      expect(await withClaims({ [name]: value })).toBe('invalid_claims');
    }
  });

  it('may lack a session, but not have one that is no text', async () => {
    expect(await withClaims({ sid: undefined })).toBe('accepted');
    for (const sid of [null, '', 1, []]) expect(await withClaims({ sid })).toBe('invalid_claims');
  });

  it.each(['exp', 'iat', 'nbf', 'auth_time'])(
    'are refused with a %s that is no time',
    async (name) => {
      for (const value of [`${now + 60}`, null, -1, [], {}, true, `${now}e3`]) {
        expect(await withClaims({ [name]: value })).toBe('invalid_claims');
      }
    },
  );

  it('are refused without exp or iat', async () => {
    expect(await withClaims({ exp: undefined })).toBe('invalid_claims');
    expect(await withClaims({ iat: undefined })).toBe('invalid_claims');
  });

  it('are refused with an exp that parses to Infinity', async () => {
    const { signRaw } = await import('@latchkey/testing');
    const [head = '', body = ''] = (await fixture.make()).split('.');
    const text = (part: string) => Buffer.from(part, 'base64url').toString();
    const endless = text(body).replace(/"exp":\d+/, '"exp":1e400');
    const token = await signRaw(text(head), endless, fixture.issuer.keys[0]!);
    expect(await fixture.judge(token)).toBe('invalid_claims');
  });

  it('are refused when they have expired, are not valid yet, or live too long', async () => {
    expect(await withClaims({ iat: now - 600, exp: now - 6 })).toBe('expired');
    expect(await withClaims({ iat: now + 60, exp: now + 120 })).toBe('not_yet_valid');
    expect(await withClaims({ nbf: now + 60 })).toBe('not_yet_valid');
    expect(await withClaims({ exp: now + 7200 })).toBe('lifetime_too_long');
    expect(await withClaims({ iat: 0 })).toBe('lifetime_too_long');
    expect(await withClaims({ iat: now, exp: now })).toBe('invalid_claims');
  });

  it('are judged with the clock tolerance, to both sides', async () => {
    expect(await withClaims({ iat: now - 60, exp: now - 3 })).toBe('accepted');
    expect(await withClaims({ iat: now + 3 })).toBe('accepted');
  });

  it.each([1, [], {}, null, ['a']])('are refused with the scope %j', async (scope) => {
    expect(await withClaims({ scope })).toBe('invalid_claims');
  });

  it.each([1, null, 'x', [], { sub: '' }, { sub: 'a', act: 1 }])(
    'are refused with the actor %j',
    async (act) => {
      expect(await withClaims({ act })).toBe('invalid_claims');
    },
  );

  it('are refused with a chain of actors without end', async () => {
    let act: object = { sub: 'last' };
    for (let index = 0; index < 10; index++) act = { sub: 'a', act };
    expect(await withClaims({ act })).toBe('invalid_claims');
  });
});
