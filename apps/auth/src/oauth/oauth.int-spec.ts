import {
  basicAuthorization as basic,
  claimsOf,
  CLIENT,
  ISSUER,
  type Sent,
} from '../../test/auth-fixture.js';
import { useAuth } from '../../test/auth-testbed.js';

const ada = 'ada';
const CLIENT_HEADERS = basic(CLIENT.id, CLIENT.secret);
const WEB = { client_id: 'latchkey-web' };

describe('the OAuth endpoints', () => {
  const { auth, sql } = useAuth({ users: [ada] });

  const introspect = (token: string, headers: Record<string, string> = CLIENT_HEADERS) =>
    auth.post('/oauth/introspect', { form: { token }, headers });

  /** Expects an error in the format that all OAuth endpoints share. */
  const expectError = async (path: string, sent: Sent, status: number, error: string) => {
    const answer = await auth.post(path, sent);
    expect({ status: answer.status, error: answer.body.error }).toEqual({ status, error });
    expect(Object.keys(answer.body).sort()).toEqual(['error', 'error_description']);
    // RFC 6749 §5.2 allows printable ASCII without quotation marks and backslashes.
    expect(answer.body['error_description']).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    return answer;
  };

  describe.each(['/oauth/token', '/oauth/revoke', '/oauth/introspect'])('%s', (path) => {
    const form = 'grant_type=refresh_token&refresh_token=x&token=x&client_id=latchkey-web';
    const sent = (more: string) => ({ form: `${form}&${more}`, headers: CLIENT_HEADERS });

    it.each<[string, Sent]>([
      ['JSON', { json: { grant_type: 'refresh_token', token: 'x' } }],
      ['no body', {}],
      ['an empty form', { form: '&', headers: CLIENT_HEADERS }],
      ['another media type', { form, headers: { 'content-type': 'text/plain' } }],
      ['a parameter twice', sent('token=y&refresh_token=y')],
      ['an unknown parameter twice', sent('foo=1&foo=2')],
      ['a poisoned prototype', sent('__proto__=1')],
      ['a client_id other than the authenticated one', sent('')],
      ['two ways to authenticate', sent('client_secret=x')],
      ['a secret without a client', { form: 'grant_type=refresh_token&token=x&client_secret=x' }],
    ])('refuses %s', async (_, request) => {
      await expectError(path, request, 400, 'invalid_request');
    });

    it('refuses a body that is too large', async () => {
      await expectError(path, { form: `token=${'x'.repeat(70_000)}` }, 413, 'invalid_request');
    });

    it.each<[string, Sent]>([
      ['a wrong secret', { form: 'token=x', headers: basic(CLIENT.id, 'wrong') }],
      ['an unknown client', { form: 'token=x', headers: basic('nobody', CLIENT.secret) }],
      ['a secret of a public client', { form: 'token=x', headers: basic('latchkey-web', 'x') }],
      ['an empty secret', { form: 'token=x', headers: basic(CLIENT.id, '') }],
      ['an empty client id', { form: 'token=x', headers: basic('', CLIENT.secret) }],
      ['invalid Base64', { form: 'token=x', headers: { authorization: 'Basic $$$' } }],
      ['another scheme than Basic', { form: 'token=x', headers: { authorization: 'Digest x' } }],
      ['a broken escape', { form: 'token=x', headers: { authorization: `Basic ${btoa('%:x')}` } }],
      ['a wrong secret in the form', { form: `token=x&client_id=${CLIENT.id}&client_secret=x` }],
      ['a confidential client without its secret', { form: `token=x&client_id=${CLIENT.id}` }],
      ['a made-up public client', { form: 'token=x&client_id=constructor' }],
    ])('does not authenticate %s', async (_, { form: parameters, ...request }) => {
      const complete = `grant_type=refresh_token&refresh_token=x&${parameters as string}`;
      const answer = await expectError(path, { form: complete, ...request }, 401, 'invalid_client');
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    });
  });

  describe('POST /oauth/token', () => {
    it.each(['Bearer x.y.z', 'bearer x', 'Bearer'])(
      'ignores a leftover %j, which authenticates no client',
      async (authorization) => {
        for (const client of [{}, WEB]) {
          const { refresh_token: token } = await auth.logIn(ada);
          const form = { grant_type: 'refresh_token', refresh_token: token, ...client };
          const answer = await auth.post('/oauth/token', { form, headers: { authorization } });
          expect(answer.status).toBe(200);
        }
      },
    );

    it.each([
      ['grant_type=password&username=ada&password=x', 'unsupported_grant_type'],
      ['grant_type=authorization_code&code=x', 'unsupported_grant_type'],
      ['grant_type=__proto__', 'unsupported_grant_type'],
      ['grant_type=refresh_token', 'invalid_request'],
      ['grant_type=refresh_token&refresh_token=', 'invalid_request'],
      ['grant_type=&refresh_token=x', 'invalid_request'],
      ['refresh_token=x', 'invalid_request'],
      ['grant_type=refresh_token&refresh_token=unknown', 'invalid_grant'],
      ["grant_type=refresh_token&refresh_token=' OR 1=1", 'invalid_grant'],
      ['grant_type=refresh_token&refresh_token=%00%ff%zz', 'invalid_grant'],
    ])('names the error in %s', async (form, error) => {
      await expectError('/oauth/token', { form }, 400, error);
    });

    it('accepts the token of a public client with or without a client_id', async () => {
      const { refresh_token: token } = await auth.logIn(ada);
      const named = await auth.refresh(token, WEB);
      expect(named.status).toBe(200);
      expect((await auth.refresh(named.body.refresh_token)).status).toBe(200);
    });

    it("refuses another client's token, and leaves it unused", async () => {
      const { refresh_token: token } = await auth.logIn(ada);
      const form = { grant_type: 'refresh_token', refresh_token: token };
      await expectError('/oauth/token', { form, headers: CLIENT_HEADERS }, 400, 'invalid_grant');
      expect((await auth.refresh(token)).status).toBe(200);
    });

    it('refuses an access token in place of a refresh token', async () => {
      const { access_token: token } = await auth.logIn(ada);
      const form = { grant_type: 'refresh_token', refresh_token: token };
      await expectError('/oauth/token', { form }, 400, 'invalid_grant');
    });
  });

  describe('POST /oauth/introspect', () => {
    it('describes a live token to a client that authenticates by either method', async () => {
      const { access_token: token, sid } = await auth.logIn(ada);
      const { sub, jti, iat, exp, aud, scope } = claimsOf(token);
      const expected = {
        active: true,
        token_type: 'Bearer',
        iss: ISSUER,
        client_id: 'latchkey-web',
        username: 'ada',
        ...{ sub, jti, iat, exp, aud, scope, sid },
      };
      const answer = await introspect(token);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: expected });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const posted = { token, client_id: CLIENT.id, client_secret: CLIENT.secret };
      expect((await auth.post('/oauth/introspect', { form: posted })).body).toEqual(expected);
    });

    it('requires client authentication', async () => {
      const { access_token: token } = await auth.logIn(ada);
      const form = { token };
      await expectError('/oauth/introspect', { form }, 401, 'invalid_client');
      const named = { form: { token, ...WEB } };
      await expectError('/oauth/introspect', named, 401, 'invalid_client');
      await expectError('/oauth/introspect', { form, token }, 401, 'invalid_client');
    });

    const dead: [string, () => Promise<string>][] = [
      [
        'logged out',
        async () => {
          const { access_token: token } = await auth.logIn(ada);
          await auth.post('/logout', { token });
          return token;
        },
      ],
      [
        'logged out everywhere',
        async () => {
          const { access_token: token } = await auth.logIn(await auth.register());
          await auth.post('/logout/everywhere', { token });
          return token;
        },
      ],
      [
        'revoked individually',
        async () => {
          const { access_token: token } = await auth.logIn(ada);
          await auth.post('/oauth/revoke', { form: { token, ...WEB } });
          return token;
        },
      ],
      [
        'of a session that lapsed',
        async () => {
          const { access_token: token, sid } = await auth.logIn(ada);
          await sql('UPDATE sessions SET idle_expires_at = now() WHERE id = $1', [sid]);
          return token;
        },
      ],
      ['a refresh token', async () => (await auth.logIn(ada)).refresh_token],
      [
        'tampered with',
        async () =>
          (await auth.logIn(ada)).access_token.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A')),
      ],
      ['nonsense', () => Promise.resolve('nonsense')],
      ['longer than any token', () => Promise.resolve('a'.repeat(8193))],
    ];
    it.each(dead)('reveals only that a token is inactive: %s', async (_, make) => {
      const { status, text } = await introspect(await make());
      expect({ status, text }).toEqual({ status: 200, text: '{"active":false}' });
    });
  });

  describe('POST /oauth/revoke', () => {
    const revoke = (token: string, sent: Sent = {}) =>
      auth.post('/oauth/revoke', { form: { token, ...WEB }, ...sent });

    it('ends the session of a refresh token', async () => {
      const { refresh_token: refresh, access_token: access, sid } = await auth.logIn(ada);
      const answer = await revoke(refresh);
      expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
      expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
      expect(await auth.honours(access)).toBe(false);
      expect(await sql('SELECT trigger FROM revocations WHERE session_id = $1', [sid])).toEqual([
        { trigger: 'refresh_token_revoked' },
      ]);
    });

    it('ends the session of a used refresh token', async () => {
      const { refresh_token: refresh } = await auth.logIn(ada);
      const { body } = await auth.refresh(refresh);
      await revoke(refresh);
      expect(await auth.honours(body.access_token)).toBe(false);
    });

    it('revokes a single access token once, without ending its session', async () => {
      const { refresh_token: refresh, access_token: access } = await auth.logIn(ada);
      const { body } = await auth.refresh(refresh);
      await revoke(access);
      await revoke(access);
      expect(await auth.honours(access)).toBe(false);
      expect(await auth.honours(body.access_token)).toBe(true);
      const rows = await sql('SELECT trigger, kind FROM revocations WHERE token_id = $1', [
        claimsOf(access).jti,
      ]);
      expect(rows).toEqual([{ trigger: 'token_revoked', kind: 'token' }]);
    });

    it.each(['nonsense', 'a.b.c', 'A'.repeat(43)])(
      'answers 200 to an unknown token: %s (RFC 7009 §2.2)',
      async (token) => expect((await revoke(token)).status).toBe(200),
    );

    it.each(['access_token', 'refresh_token', 'something_else'])(
      'works with any token_type_hint: %s',
      async (hint) => {
        const { refresh_token: refresh, access_token: access } = await auth.logIn(ada);
        const form = { token: refresh, token_type_hint: hint, ...WEB };
        expect((await auth.post('/oauth/revoke', { form })).status).toBe(200);
        expect(await auth.honours(access)).toBe(false);
      },
    );

    it("refuses to revoke another client's tokens", async () => {
      const { refresh_token: refresh, access_token: access } = await auth.logIn(ada);
      for (const token of [refresh, access]) {
        const sent = { form: { token }, headers: CLIENT_HEADERS };
        await expectError('/oauth/revoke', sent, 400, 'unauthorized_client');
      }
      expect(await auth.honours(access)).toBe(true);
    });

    it('requires a client', async () => {
      const { refresh_token: token, access_token: access } = await auth.logIn(ada);
      await expectError('/oauth/revoke', { form: { token } }, 401, 'invalid_client');
      expect(await auth.honours(access)).toBe(true);
    });
  });

  // Tokens copied from a file often carry a line break.
  describe.each(['\n', '\r\n', ' ', '\t', '\u00a0'])('a token with %j around it', (blank) => {
    const pasted = (token: string) => `${blank}${token}${blank}`;

    it.each(['refresh_token', 'access_token'] as const)('is revoked: %s', async (kind) => {
      const tokens = await auth.logIn(ada);
      const form = { token: pasted(tokens[kind]), ...WEB };
      expect((await auth.post('/oauth/revoke', { form })).status).toBe(200);
      expect(await auth.honours(tokens.access_token)).toBe(false);
    });

    it('is introspected', async () => {
      const { access_token: token } = await auth.logIn(ada);
      expect((await introspect(pasted(token))).body['active']).toBe(true);
    });

    it('is refreshed', async () => {
      const { refresh_token: token } = await auth.logIn(ada);
      expect((await auth.refresh(pasted(token))).status).toBe(200);
    });
  });

  it('are described in the metadata', async () => {
    const { body } = await auth.send('GET', '/.well-known/oauth-authorization-server');
    expect(body).toMatchObject({
      token_endpoint: `${ISSUER}/oauth/token`,
      grant_types_supported: [
        'refresh_token',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:token-exchange',
      ],
      revocation_endpoint_auth_methods_supported: expect.arrayContaining(['none']),
      introspection_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
      ],
    });
  });
});
