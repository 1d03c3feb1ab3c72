import { recordRequestStatements } from '@latchkey/service-kit/suite';
import { claimsOf, ISSUER, type Sent } from '../../../test/auth-fixture.js';
import {
  basic,
  hashOf,
  SCOPES,
  SECRET,
  useAuthWithClients,
} from '../../../test/client-credentials-fixture.js';

describe('the client_credentials grant', () => {
  const { auth, request, tokenOf, expectError } = useAuthWithClients();

  it.each<[string, Sent]>([
    ['client_secret_basic', { form: 'grant_type=client_credentials', headers: basic('robot') }],
    [
      'client_secret_post',
      { form: { grant_type: 'client_credentials', client_id: 'robot', client_secret: SECRET } },
    ],
  ])('issues a token to a client that authenticates by %s', async (_, sent) => {
    const answer = await auth.post('/oauth/token', sent);
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 200,
      body: {
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 300,
        scope: SCOPES.join(' '),
      },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('pragma')).toBe('no-cache');
    expect(answer.headers.getSetCookie()).toEqual([]);
    const { iat, ...claims } = claimsOf(answer.body.access_token);
    expect(claims).toEqual({
      iss: ISSUER,
      sub: 'robot',
      client_id: 'robot',
      aud: ['orders', 'inventory', 'payments'],
      scope: SCOPES.join(' '),
      exp: iat + 300,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it.each([
    ['orders:read', 'orders:read'],
    ['inventory:read orders:read', 'inventory:read orders:read'],
    [' orders:read  orders:read ', 'orders:read'],
    ['', SCOPES.join(' ')],
  ])('narrows the scope to %j', async (scope, granted) => {
    const { body } = await request({ scope });
    expect(body['scope']).toBe(granted);
    expect(claimsOf(body.access_token).scope).toBe(granted);
  });

  it.each([
    [{ resource: 'orders' }, ['orders']],
    [{ audience: 'payments' }, ['payments']],
    [{ resource: 'orders', audience: 'orders' }, ['orders']],
    [{ resource: 'orders', audience: 'inventory' }, ['orders', 'inventory']],
    [{ resource: '' }, ['orders', 'inventory', 'payments']],
  ])('sets the audience to the services named by %j, and to no other', async (form, aud) => {
    expect(claimsOf(await tokenOf('robot', form)).aud).toEqual(aud);
  });

  const own = 'grant_type=client_credentials';
  it.each<[string, Sent, number, string]>([
    ['no client', { form: own }, 401, 'invalid_client'],
    ['a wrong secret', { form: own, headers: basic('robot', 'x') }, 401, 'invalid_client'],
    ['an unknown client', { form: own, headers: basic('nobody') }, 401, 'invalid_client'],
    [
      'a client id with a NUL character',
      { form: own, headers: basic('a\0b') },
      401,
      'invalid_client',
    ],
    ['a client id without a secret', { form: `${own}&client_id=robot` }, 401, 'invalid_client'],
    [
      'a bearer token',
      { form: own, headers: { authorization: 'Bearer x' } },
      401,
      'invalid_client',
    ],
    ['a public client', { form: `${own}&client_id=latchkey-web` }, 400, 'unauthorized_client'],
    [
      'a secret of a public client',
      { form: own, headers: basic('latchkey-web') },
      401,
      'invalid_client',
    ],
    [
      'a client for introspection only',
      { form: own, headers: basic('introspector') },
      400,
      'unauthorized_client',
    ],
    [
      'a client with an empty list of scopes',
      { form: own, headers: basic('without-any') },
      400,
      'unauthorized_client',
    ],
  ])('refuses %s', async (_, sent, status, error) => {
    const answer = await expectError(sent, status, error);
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  });

  it.each([
    ['scope=payments%3Aread', 'invalid_scope'],
    ['scope=orders%3Aread+auth%3Aadmin', 'invalid_scope'],
    ['scope=+', 'invalid_scope'],
    ['scope=orders%3Aread%09inventory%3Aread', 'invalid_scope'],
    ['scope=%00', 'invalid_scope'],
    ['scope=__proto__', 'invalid_scope'],
    ['resource=shipping', 'invalid_target'],
    ['resource=Orders', 'invalid_target'],
    ['resource=orders+payments', 'invalid_target'],
    ['resource=orders,payments', 'invalid_target'],
    ['resource=%00', 'invalid_target'],
    [`resource=${encodeURIComponent(ISSUER)}`, 'invalid_target'],
    ['audience=constructor', 'invalid_target'],
    ['resource=orders&audience=shipping', 'invalid_target'],
    ['scope=orders%3Aread&scope=orders%3Aread', 'invalid_request'],
    ['resource=orders&resource=payments', 'invalid_request'],
    ['audience=orders&audience=payments', 'invalid_request'],
    ['grant_type=client_credentials', 'invalid_request'],
    ['client_id=another', 'invalid_request'],
  ])('names the error in %s', async (more, error) => {
    await expectError({ form: `${own}&${more}`, headers: basic('robot') }, 400, error);
  });

  it.each([
    ['too many scopes', `scope=${'orders%3Aread+'.repeat(500)}x`, 'invalid_scope'],
    ['a huge scope', `scope=${'x'.repeat(9000)}`, 'invalid_request'],
    ['a huge resource', `resource=${'x'.repeat(9000)}`, 'invalid_request'],
  ])('names the error in %s', async (_, more, error) => {
    await expectError({ form: `${own}&${more}`, headers: basic('robot') }, 400, error);
  });

  it.each(['__proto__=1', 'constructor=1', 'refresh_token=x', 'sub=root', 'client_secret='])(
    'is not affected by %s',
    async (more) => {
      const answer = await auth.post('/oauth/token', {
        form: `${own}&${more}`,
        headers: basic('robot'),
      });
      expect([200, 400]).toContain(answer.status);
      if (answer.status === 200) expect(claimsOf(answer.body.access_token).sub).toBe('robot');
    },
  );

  it('reads the client once, and writes nothing', async () => {
    const statements = await recordRequestStatements(async () => {
      const answer = await request();
      expect(answer.status).toBe(200);
      return answer;
    });
    expect(statements).toEqual([expect.stringMatching(/^SELECT .+ FROM "clients"/)]);
  });

  it('reveals neither secrets nor tokens in logs or errors', async () => {
    const wrong = 'a wrong secret that must not be seen';
    const token = await tokenOf();
    const posted = { grant_type: 'client_credentials', client_id: 'robot', client_secret: SECRET };
    const answers = [
      await auth.post('/oauth/token', { form: { ...posted, scope: 'payments:read' } }),
      await auth.post('/oauth/token', { form: { ...posted, client_secret: wrong } }),
      await auth.post('/oauth/token', { form: own, headers: basic('robot', wrong) }),
      await auth.post('/oauth/token', { form: posted, headers: basic('robot') }),
      await auth.post('/oauth/token', { form: `${own}&client_secret=${wrong}` }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 401, 401, 400, 400]);
    const said = answers.map(({ text }) => text).join() + auth.log.text;
    for (const secret of [SECRET, wrong, hashOf(SECRET), encodeURIComponent(SECRET), token])
      expect(said).not.toContain(secret);
    expect(said).not.toContain(basic('robot').authorization.slice('Basic '.length));
  });

  it('is described in the metadata and in the OpenAPI document', async () => {
    const { body } = await auth.send('GET', '/.well-known/oauth-authorization-server');
    expect(body['grant_types_supported']).toContain('client_credentials');
    const { text } = await auth.send('GET', '/docs-json');
    const { paths, components } = JSON.parse(text) as {
      paths: Record<string, { post: object }>;
      components: { schemas: Record<string, object> };
    };
    const { post } = paths['/oauth/token']!;
    const operation = JSON.stringify([post, components.schemas['ClientCredentialsRequest']]);
    for (const name of [
      'client_credentials',
      '"resource"',
      '"audience"',
      '"401"',
      'invalid_target',
    ])
      expect(operation).toContain(name);
  });
});
