import { makeFixture, type Fixture } from '../test/verifier-fixture.js';

describe('the claims of an access token', () => {
  let fixture: Fixture;

  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(() => fixture.verifier.close());

  it('become a principal', async () => {
    const act = { sub: 'orders', client_id: 'orders', act: { sub: 'gateway' } };
    const claims = { sub: 'ada', sid: 's1', scope: 'a b', aud: ['x', 'orders'], act, extra: 1 };
    const token = await fixture.make({ claims });
    const principal = await fixture.verifier.verify(token);
    expect([...principal.scopes]).toEqual(['a', 'b']);
    expect(principal).toMatchObject({
      issuer: 'https://issuer.test',
      subject: 'ada',
      sessionId: 's1',
      clientId: 'latchkey-web',
      audience: ['x', 'orders'],
      actor: act,
      keyId: fixture.issuer.keys[0]!.kid,
    });
  });

  it('without a field of their own can be read but not changed', async () => {
    const own = { roles: ['admin', { at: 'shop' }], tenant: { id: 7 } };
    const token = await fixture.make({ claims: own });
    const { claims } = await fixture.verifier.verify(token);
    expect(claims).toMatchObject({ iss: 'https://issuer.test', ...own });
    const { roles, tenant } = claims as typeof own;
    expect(() => roles.push('root')).toThrow(TypeError);
    expect(() => Object.assign(roles[1]!, { at: 'bank' })).toThrow(TypeError);
    expect(() => Object.assign(tenant, { id: 8 })).toThrow(TypeError);
    expect(() => Object.assign(claims, { sub: 'eve' })).toThrow(TypeError);
    expect((await fixture.verifier.verify(token)).claims).toMatchObject(own);
  });
});
