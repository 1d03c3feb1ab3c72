import { ACCESS_TOKEN_TYPE_URI, TOKEN_EXCHANGE_GRANT } from '@latchkey/contracts/auth-api';
import { makeToken } from '@latchkey/testing';
import { claimsOf, keyIdOf, PASSWORD } from '../../../test/auth-fixture.js';
import { valueAt } from '../../../test/json-pointer-fixture.js';
import { useExchanges } from '../../../test/token-exchange-fixture.js';

const ada = 'ada';
const ALL_SCOPES =
  'orders:read orders:write inventory:read inventory:write payments:read payments:write';

describe('a token exchange', () => {
  const exchanges = useExchanges([ada]);

  const logIn = (username = ada) => exchanges.auth.logIn(username);

  /** The claims of a user's token, for tests to alter. */
  async function sample() {
    const { access_token: token } = await logIn();
    const { sub: subject, sid: sessionId, auth_time: authTime } = claimsOf(token);
    return { subject, sessionId, authTime, clientId: 'latchkey-web', scopes: ['orders:read'] };
  }

  it('issues a token for the same user and session that names the service as the actor', async () => {
    const { access_token: subjectToken } = await logIn();
    const parent = claimsOf(subjectToken);
    const answer = await exchanges.ask('orders', subjectToken, { audience: 'inventory' });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        token_type: 'Bearer',
        issued_token_type: ACCESS_TOKEN_TYPE_URI,
        scope: ALL_SCOPES,
      },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).not.toHaveProperty('refresh_token');
    const child = claimsOf(answer.body.access_token);
    expect(child).toEqual({
      ...parent,
      aud: ['inventory'],
      client_id: 'orders',
      act: { sub: 'orders' },
      jti: expect.not.stringMatching(parent.jti) as string,
      iat: expect.any(Number) as number,
      exp: expect.any(Number) as number,
    });
    expect(child.exp).toBeLessThanOrEqual(parent.exp);
    expect(answer.body['expires_in']).toBe(child.exp - child.iat);
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['audience', { audience: 'payments' }, ['payments']],
    ['resource', { resource: 'payments' }, ['payments']],
    ['both', { audience: 'payments', resource: 'inventory' }, ['inventory', 'payments']],
    ['the same twice', { audience: 'payments', resource: 'payments' }, ['payments']],
    ['neither', {}, ['inventory', 'payments']],
  ])(
    'limits the audience to the named services, without the issuer: by %s',
    async (_, form, expected) => {
      const { access_token: token } = await logIn();
      expect(claimsOf(await exchanges.exchange('orders', token, form)).aud.sort()).toEqual(
        expected,
      );
    },
  );

  it.each(['\n', '\r\n', ' '])('accepts a subject token with %j around it', async (blank) => {
    const { access_token: token } = await logIn();
    const { status } = await exchanges.ask('orders', `${blank}${token}${blank}`);
    expect(status).toBe(200);
  });

  it('narrows the scope on request', async () => {
    const { access_token: token } = await logIn();
    const { body } = await exchanges.ask('orders', token, { scope: 'payments:write' });
    expect(body['scope']).toBe('payments:write');
    expect(claimsOf(body.access_token).scope).toBe('payments:write');
  });

  it('limits the scope to that of the subject token, not of its session', async () => {
    const token = await exchanges.forge(await sample());
    expect(claimsOf(await exchanges.exchange('orders', token)).scope).toBe('orders:read');
    const { body } = await exchanges.ask('orders', token, { scope: 'orders:write' });
    expect(body.error).toBe('invalid_scope');
  });

  it('never passes on the auth: scopes, which are for users only', async () => {
    const token = await exchanges.auth.adminToken();
    const child = await exchanges.exchange('orders', token);
    expect(claimsOf(token).scope).toContain('auth:admin');
    expect(claimsOf(child).scope).not.toContain('auth:admin');
    expect((await exchanges.ask('orders', token, { scope: 'auth:admin' })).body.error).toBe(
      'invalid_scope',
    );
  });

  it('expires no later than the subject token', async () => {
    const token = await exchanges.forge(await sample(), Date.now() - 200_000);
    const { status, body } = await exchanges.ask('orders', token);
    expect(status).toBe(200);
    expect(claimsOf(body.access_token).exp).toBe(claimsOf(token).exp);
    expect(body['expires_in']).toBeLessThanOrEqual(100);
  });

  it('nests the actors of an exchanged token, latest outermost, up to four', async () => {
    let { access_token: token } = await logIn();
    const chain = ['orders', 'inventory', 'payments', 'orders'] as const;
    const targets = ['inventory', 'payments', 'orders', 'inventory'] as const;
    for (const [index, client] of chain.entries())
      token = await exchanges.exchange(client, token, { audience: targets[index]! });
    const act = {
      sub: 'orders',
      act: { sub: 'payments', act: { sub: 'inventory', act: { sub: 'orders' } } },
    };
    expect(claimsOf(token)).toMatchObject({ act, client_id: 'orders', aud: ['inventory'] });
    expect((await exchanges.introspect(token)).body).toMatchObject({
      active: true,
      act,
      client_id: 'orders',
      aud: ['inventory'],
      username: 'ada',
    });
    expect(await exchanges.ask('inventory', token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  describe('is refused', () => {
    const expectRefusal = async (
      client: string,
      token: string,
      form: Record<string, string>,
      error: string,
    ) => {
      const { status, body } = await exchanges.ask(client, token, form);
      expect({ status, error: body.error }).toEqual({ status: 400, error });
    };

    it.each<[string, string, Record<string, string>, string]>([
      ['a client without the permission', 'checker', {}, 'unauthorized_client'],
      ['a client that is public', 'latchkey-web', { client_secret: '' }, 'unauthorized_client'],
      ['a client that the token is not for', 'stranger', {}, 'invalid_request'],
      ['more scope', 'orders', { scope: 'orders:read orders:admin' }, 'invalid_scope'],
      ['no scope at all', 'orders', { scope: ' ' }, 'invalid_scope'],
      ['another audience', 'orders', { audience: 'orders' }, 'invalid_target'],
      [
        'one audience of two',
        'orders',
        { audience: 'payments', resource: 'orders' },
        'invalid_target',
      ],
      ['the issuer as audience', 'orders', { audience: 'http://auth.test:4000' }, 'invalid_target'],
      [
        "an audience named like an object's property",
        'orders',
        { audience: 'constructor' },
        'invalid_target',
      ],
      ['no subject token', 'orders', { subject_token: '' }, 'invalid_request'],
      ['no subject token type', 'orders', { subject_token_type: '' }, 'invalid_request'],
      [
        'a refresh token type',
        'orders',
        { subject_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
        'invalid_request',
      ],
      [
        'a request for a refresh token',
        'orders',
        { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
        'invalid_request',
      ],
      ['an actor token', 'orders', { actor_token: 'a.b.c' }, 'invalid_request'],
      [
        'an actor token type',
        'orders',
        { actor_token_type: ACCESS_TOKEN_TYPE_URI },
        'invalid_request',
      ],
    ])('to %s', async (_, client, form, error) => {
      const { access_token: token } = await logIn();
      await expectRefusal(client, token, form, error);
    });

    it.each<[string, () => Promise<string>]>([
      ['nonsense', () => Promise.resolve('nonsense')],
      ['a refresh token', async () => (await logIn()).refresh_token],
      [
        'tampered with',
        async () =>
          (await logIn()).access_token.replace(/\.[^.]*\./, (claims) => claims.toUpperCase()),
      ],
      [
        "signed with another key under the issuer's key id",
        async () => {
          const { access_token: token } = await logIn();
          const kid = keyIdOf(token);
          return makeToken({ claims: { ...claimsOf(token) }, kid });
        },
      ],
      ["a client's own", () => exchanges.clientToken('payments')],
      ['expired', async () => exchanges.forge(await sample(), Date.now() - 400_000)],
      // Still within the verifier's clock tolerance.
      ['just expired', async () => exchanges.forge(await sample(), Date.now() - 301_000)],
      [
        'for another service',
        async () =>
          exchanges.exchange('orders', (await logIn()).access_token, { audience: 'inventory' }),
      ],
      [
        'of an unknown session',
        async () =>
          exchanges.forge({
            ...(await sample()),
            sessionId: '0197a2b0-0000-7000-8000-000000000000',
          }),
      ],
      [
        "of another user's session",
        async () =>
          exchanges.forge({ ...(await sample()), subject: '0197a2b0-0000-7000-8000-000000000001' }),
      ],
      [
        'of a session that has ended',
        async () => {
          const { access_token: token } = await logIn();
          await exchanges.auth.post('/logout', { token });
          return token;
        },
      ],
      [
        'from before a log-out everywhere',
        async () => {
          const { access_token: token } = await logIn(await exchanges.auth.register());
          await exchanges.auth.post('/logout/everywhere', { token });
          return token;
        },
      ],
      [
        'revoked individually',
        async () => {
          const { access_token: token } = await logIn();
          await exchanges.revoke(token);
          return token;
        },
      ],
    ])('for a subject token that is %s', async (_, make) => {
      const token = await make();
      const { status, body } = await exchanges.ask('orders', token);
      expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_request' });
      expect(body['error_description']).toBe(
        'The subject token is not a live token of a user for this client',
      );
    });

    it('with a wrong secret', async () => {
      const { access_token: token } = await logIn();
      const answer = await exchanges.ask('orders', token, { client_secret: 'wrong' });
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    });
  });

  it("issues no token that works on the user's account itself", async () => {
    const { access_token: parent, sid } = await logIn();
    const token = await exchanges.exchange('orders', parent);
    const json = { currentPassword: PASSWORD, newPassword: 'another battery staple' };
    const answers = [
      await exchanges.auth.send('GET', '/sessions', { token }),
      await exchanges.auth.send('DELETE', `/sessions/${sid}`, { token }),
      await exchanges.auth.post('/logout', { token }),
      await exchanges.auth.post('/logout/everywhere', { token }),
      await exchanges.auth.post('/password', { token, json }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(await exchanges.auth.honours(parent)).toBe(true);
    const ofAdmin = await exchanges.exchange('orders', await exchanges.auth.adminToken());
    const admin = await exchanges.auth.send('GET', '/admin/signing-keys', { token: ofAdmin });
    expect(admin.status).toBe(401);
  });

  it('is described in the metadata and in the OpenAPI document, whose references resolve', async () => {
    const { body } = await exchanges.auth.send('GET', '/.well-known/oauth-authorization-server');
    expect(body['grant_types_supported']).toContain(TOKEN_EXCHANGE_GRANT);
    const { text } = await exchanges.auth.send('GET', '/docs-json');
    const document = JSON.parse(text) as { paths: Record<string, { post: object }> };
    const operation = JSON.stringify(document.paths['/oauth/token']?.post);
    expect(text).toContain('#/components/schemas/TokenExchangeReply');
    for (const word of [TOKEN_EXCHANGE_GRANT, 'subject_token', 'TokenRequest', 'actor_token'])
      expect(operation).toContain(word);
    expect(text).toContain('"act"');
    expect(text).toContain('"$ref":"#/components/schemas/Actor"');
    for (const [, pointer] of text.matchAll(/"\$ref":"#([^"]*)"/g))
      expect({ pointer, found: valueAt(document, pointer!) }).toMatchObject({
        found: expect.anything(),
      });
  });
});
