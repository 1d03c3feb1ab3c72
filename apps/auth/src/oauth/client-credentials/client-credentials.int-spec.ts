import {
  startTestDatabase,
  startTestNats,
  waitFor,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AuthReplica, claimsOf, ISSUER, type Sent } from '../../../test/auth-fixture.js';
import { AccessTokenIssuer } from '../../tokens/access-token-issuer.js';

const SECRET = 'a secret: with 100% of ü+&= in it';
const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
const client = (clientId: string, scopes?: string[], secret = SECRET) => ({
  clientId,
  secretSha256: hashOf(secret),
  ...(scopes && { scopes }),
});
const basic = (id: string, secret = SECRET) => ({
  authorization: `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`,
});

const SCOPES = ['orders:read', 'orders:write', 'inventory:read'];
/** Each test that revokes a client has its own. */
const CLIENTS = [
  client('robot', SCOPES),
  client('introspector'),
  client('without-any', []),
  client('doomed', SCOPES),
  client('raced', SCOPES),
  client('returning', SCOPES),
  client('slow', SCOPES),
];

describe('the client_credentials grant', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let auth: AuthReplica;

  const start = (clients: unknown[] = CLIENTS) =>
    AuthReplica.start({
      databaseUrl: database.url,
      nats: nats.credentials('auth'),
      env: { OAUTH_CLIENTS: JSON.stringify(clients) },
    });
  beforeAll(async () => {
    [database, nats] = await Promise.all([startTestDatabase(), startTestNats()]);
    auth = await start();
  });
  afterAll(async () => {
    await auth.close();
    await nats.close();
    await database.drop();
  });

  const ask = (form: Record<string, string> = {}, id = 'robot', replica = auth) =>
    replica.post('/oauth/token', {
      form: { grant_type: 'client_credentials', ...form },
      headers: basic(id),
    });
  const tokenOf = async (id = 'robot', form: Record<string, string> = {}) => {
    const { status, body } = await ask(form, id);
    if (status !== 200) throw new Error(`/oauth/token answered ${status}: ${body.error}`);
    return body.access_token;
  };
  const introspect = async (token: string) =>
    (await auth.post('/oauth/introspect', { form: { token }, headers: basic('introspector') }))
      .body;
  const revokeClient = async (id: string) => {
    const answer = await auth.post(`/admin/clients/${id}/revoke`, {
      token: await auth.adminToken(),
    });
    expect(answer.status).toBe(204);
  };
  const sql = <Row extends object>(query: string, parameters?: unknown[]): Promise<Row[]> =>
    auth.service.app.get(DataSource).query<Row[]>(query, parameters);

  const expectError = async (sent: Sent, status: number, error: string) => {
    const answer = await auth.post('/oauth/token', sent);
    expect({ status: answer.status, error: answer.body.error }).toEqual({ status, error });
    expect(Object.keys(answer.body).sort()).toEqual(['error', 'error_description']);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    return answer;
  };

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
      aud: ['orders', 'inventory', 'payments', ISSUER],
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
    const { body } = await ask({ scope });
    expect(body['scope']).toBe(granted);
    expect(claimsOf(body.access_token).scope).toBe(granted);
  });

  it.each([
    [{ resource: 'orders' }, ['orders', ISSUER]],
    [{ audience: 'payments' }, ['payments', ISSUER]],
    [{ resource: 'orders', audience: 'orders' }, ['orders', ISSUER]],
    [{ resource: 'orders', audience: 'inventory' }, ['orders', 'inventory', ISSUER]],
    [{ resource: '' }, ['orders', 'inventory', 'payments', ISSUER]],
  ])('sets the audience to the services named by %j, and the issuer', async (form, aud) => {
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
    const dataSource = auth.service.app.get(DataSource);
    const asked: string[] = [];
    const query = dataSource.query.bind(dataSource);
    dataSource.query = (...sent: Parameters<typeof query>) => {
      asked.push(sent[0]);
      return query(...sent);
    };
    try {
      await tokenOf();
    } finally {
      dataSource.query = query;
    }
    const about = asked.filter((text) => text.includes('clients'));
    expect(about.map((text) => text.trim().slice(0, 6))).toEqual(['SELECT']);
  });

  describe('its token', () => {
    it('is described at introspection', async () => {
      const token = await tokenOf('robot', { resource: 'orders', scope: 'orders:read' });
      const { jti, iat, exp, aud } = claimsOf(token);
      expect(await introspect(token)).toEqual({
        active: true,
        token_type: 'Bearer',
        iss: ISSUER,
        sub: 'robot',
        client_id: 'robot',
        scope: 'orders:read',
        ...{ jti, iat, exp, aud },
      });
    });

    it('can be revoked by its client, without affecting other tokens', async () => {
      const [token, other] = [await tokenOf(), await tokenOf()];
      const sent = { form: { token }, headers: basic('robot') };
      const answer = await auth.post('/oauth/revoke', sent);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
      expect(await introspect(token)).toEqual({ active: false });
      expect(await introspect(other)).toMatchObject({ active: true });
      expect(
        await sql('SELECT trigger, kind FROM revocations WHERE token_id = $1', [
          claimsOf(token).jti,
        ]),
      ).toEqual([{ trigger: 'token_revoked', kind: 'token' }]);
    });

    it('cannot be revoked by another client', async () => {
      const token = await tokenOf();
      for (const sent of [
        { form: { token }, headers: basic('introspector') },
        { form: { token, client_id: 'latchkey-web' } },
      ]) {
        const answer = await auth.post('/oauth/revoke', sent);
        expect({ status: answer.status, error: answer.body.error }).toEqual({
          status: 400,
          error: 'unauthorized_client',
        });
      }
      expect(await introspect(token)).toMatchObject({ active: true });
    });

    it.each([
      ['GET', '/sessions', undefined],
      ['DELETE', '/sessions/0197a2b0-0000-4000-8000-000000000000', undefined],
      ['POST', '/logout', undefined],
      ['POST', '/logout/everywhere', undefined],
      ['POST', '/password', { currentPassword: 'x', newPassword: 'long enough' }],
      ['POST', '/admin/users/root/disable', undefined],
      ['POST', '/admin/clients/robot/revoke', undefined],
      ['GET', '/admin/signing-keys', undefined],
    ])('is refused by %s %s of the auth service', async (method, path, json) => {
      const token = await tokenOf();
      const answer = await auth.send(method, path, { token, ...(json && { json }) });
      expect({ status: answer.status, code: answer.body.code }).toEqual({
        status: 401,
        code: 'invalid_token',
      });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
      expect(await introspect(token)).toMatchObject({ active: true });
    });

    it('is refused as a refresh token', async () => {
      const form = { grant_type: 'refresh_token', refresh_token: await tokenOf() };
      await expectError({ form, headers: basic('robot') }, 400, 'invalid_grant');
    });
  });

  describe('after an administrator revoked the client', () => {
    it('issues no token, and reports earlier ones as inactive', async () => {
      const token = await tokenOf('doomed');
      const kept = await tokenOf();
      await revokeClient('doomed');
      expect(await introspect(token)).toEqual({ active: false });
      expect(await introspect(kept)).toMatchObject({ active: true });
      const sent = { form: { grant_type: 'client_credentials' }, headers: basic('doomed') };
      await expectError(sent, 401, 'invalid_client');
      const [row] = await sql<{ before: number }>(
        `SELECT max(issued_before)::float8 AS before FROM revocations WHERE client_id = 'doomed'`,
      );
      expect(claimsOf(token).iat).toBeLessThan(row!.before);
    });

    it('leaves no valid token from requests that race with the revocation', async () => {
      const given: string[] = [];
      const revoked = revokeClient('raced');
      let answer = await ask({}, 'raced');
      while (answer.status === 200) {
        given.push(answer.body.access_token);
        answer = await ask({}, 'raced');
      }
      expect(answer.body.error).toBe('invalid_client');
      await revoked;
      expect(given.length).toBeGreaterThan(0);
      for (const token of given) expect(await introspect(token)).toEqual({ active: false });
    });

    it('dates a token before the revocation, even if signed after it', async () => {
      const admin = await auth.adminToken();
      const issuer = auth.service.app.get(AccessTokenIssuer);
      const issue = issuer.issue.bind(issuer);
      issuer.issue = async (...request) => {
        await auth.post('/admin/clients/slow/revoke', { token: admin });
        // From now on, the time of signing is later than the revocation.
        await waitFor(async () => {
          const [row] = await sql<{ passed: boolean }>(
            `SELECT extract(epoch FROM clock_timestamp()) > tokens_valid_from + 1 AS passed
             FROM clients WHERE id = 'slow'`,
          );
          return row!.passed;
        });
        return issue(...request);
      };
      try {
        const token = await tokenOf('slow');
        expect(await introspect(token)).toEqual({ active: false });
      } finally {
        issuer.issue = issue;
      }
    });

    it('issues tokens for a new secret within the same second, dated after the revocation', async () => {
      const next = 'the next secret';
      const replica = await start([...CLIENTS, client('returning', ['orders:read'], next)]);
      try {
        await revokeClient('returning');
        const answer = await replica.post('/oauth/token', {
          form: own,
          headers: basic('returning', next),
        });
        expect(answer.status).toBe(200);
        const [row] = await sql<{ before: number }>(
          `SELECT tokens_valid_from::float8 AS before FROM clients WHERE id = 'returning'`,
        );
        expect(claimsOf(answer.body.access_token).iat).toBeGreaterThanOrEqual(row!.before);
        expect(await introspect(answer.body.access_token)).toMatchObject({ active: true });
      } finally {
        await replica.close();
      }
    });
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
    const { paths } = JSON.parse(text) as { paths: Record<string, { post: object }> };
    const operation = JSON.stringify(paths['/oauth/token']?.post);
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
