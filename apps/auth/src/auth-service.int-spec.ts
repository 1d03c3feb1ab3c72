import { startTestNats, startTestPostgres, waitFor } from '@latchkey/testing';
import { AuthReplica, PASSWORD } from '../test/auth-fixture.js';
import { AuthTestbed, useAuth } from '../test/auth-testbed.js';
import { authExamples } from './open-api/auth-examples.js';
import { ERROR_EXAMPLES } from './open-api/error-examples.js';

/** Routes that need no access token. Clients authenticate in the forms of the last four. All others must require one. */
const PUBLIC = [
  'GET /.well-known/jwks.json',
  'GET /.well-known/oauth-authorization-server',
  'POST /login',
  'POST /register',
  'POST /logout',
  'POST /oauth/token',
  'POST /oauth/revoke',
  'POST /oauth/introspect',
  'POST /revocations/snapshot',
  'POST /revocations/status',
];

describe('the auth service', () => {
  const { auth, startReplica } = useAuth();

  it('requires a token on all routes except the public ones, and documents every route', async () => {
    const { body } = await auth.send('GET', '/docs-json');
    const paths = Object.entries(body['paths'] as Record<string, Record<string, object>>);
    const routes = paths.flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        route: `${method.toUpperCase()} ${path}`,
        operation,
      })),
    );
    expect(routes.map(({ route }) => route)).toEqual(expect.arrayContaining(PUBLIC));
    expect(routes.length).toBeGreaterThan(PUBLIC.length + 8);
    for (const { route, operation } of routes) {
      expect(operation).toMatchObject({ summary: expect.any(String) });
      if (PUBLIC.includes(route)) continue;
      const [method, path] = route.split(' ') as [string, string];
      const { status } = await auth.send(method, path.replaceAll(/\{[^}]+\}/g, 'x'));
      expect({ route, status }).toEqual({ route, status: 401 });
      expect(operation).toHaveProperty('security');
    }
  });

  it('links to its metadata and keys at its root', async () => {
    const { body } = await auth.send('GET', '/');
    for (const link of ['metadata', 'keys', 'openApi'])
      expect((await auth.send('GET', body[link] as string)).status).toBe(200);
  });

  it('documents the fields of forms and bodies', async () => {
    const { text } = await auth.send('GET', '/docs-json');
    for (const name of ['grant_type', 'refreshTokenDelivery', 'currentPassword', 'token_type_hint'])
      expect(text).toContain(`"${name}"`);
    expect(text).toContain('"application/x-www-form-urlencoded"');
    expect(text).toContain('8 to 1024 bytes');
    expect(text).toContain('3 to 254 letters');
  });

  it('uses every example that it has in its document', async () => {
    const { body } = await auth.send('GET', '/docs-json');
    const { paths, components } = body as unknown as {
      paths: Record<string, Record<string, { operationId: string; responses: object }>>;
      components: { examples: object };
    };
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    const statuses = operations.flatMap(({ operationId, responses }) =>
      Object.keys(responses).flatMap((status) => [status, `${operationId} ${status}`]),
    );
    // This replica has no session cookies.
    const used = (names: object) => Object.keys(names).filter((name) => !/Cookie(?!R)/.test(name));
    expect(used(ERROR_EXAMPLES).filter((name) => !statuses.includes(name))).toEqual([]);
    const schemas = Object.keys(components.examples).map((name) => name.split('.')[0]);
    const given = used(authExamples(auth.url));
    expect(given.filter((name) => !schemas.includes(name))).toEqual([]);
  });

  it('starts several replicas at once on an empty database, and they agree', async () => {
    const empty = new AuthTestbed({ replicas: 3 });
    await empty.start();
    const { replicas } = empty;
    const [one, two, three] = replicas as [AuthReplica, AuthReplica, AuthReplica];
    const user = await one.register();
    const { access_token: token, refresh_token: refresh } = await two.logIn(user);
    expect(await three.honours(token)).toBe(true);
    expect((await three.post('/logout', { token })).status).toBe(204);
    expect(await one.honours(token)).toBe(false);
    expect((await two.refresh(refresh)).status).toBe(400);
    // One replica creates the next key just after the start; the others see it at their next check.
    const agree = async () => {
      const sets = await Promise.all(
        replicas.map((replica) => replica.send('GET', '/.well-known/jwks.json')),
      );
      return new Set(sets.map(({ text }) => text)).size === 1;
    };
    await waitFor(agree, { timeoutMs: 20_000, what: 'one key set' });
    await empty.close();
  });

  it('throttles by the address that its proxy reports, not by one that the client sends', async () => {
    const behindProxy = await startReplica({ TRUST_PROXY: 'true' });
    const user = await behindProxy.register();
    const attempt = (password: string, forwarded: string) =>
      behindProxy.post('/login', {
        json: { username: user, password },
        headers: { 'x-forwarded-for': forwarded },
      });
    expect((await attempt(PASSWORD, '198.51.100.9')).status).toBe(200);
    const statuses: number[] = [];
    // On a busy machine a delay may end before the next guess.
    while (!statuses.includes(429) && statuses.length < 20) {
      const forwarded = `10.0.0.${statuses.length}, 203.0.113.1`;
      statuses.push((await attempt('not the password', forwarded)).status);
    }
    expect(statuses).toContain(429);
    expect((await attempt(PASSWORD, '198.51.100.9')).status).toBe(200);
  });

  it.each([
    [
      'an IPv4 address',
      '203.0.113.7:1024',
      ['203.0.113.7:65535', '203.0.113.7'],
      '203.0.113.8:1024',
    ],
    [
      'an IPv6 network',
      '[2001:db8:0:7::1]:1024',
      ['[2001:db8:0:7::1]:65535', '2001:db8:0:7::2'],
      '[2001:db8:0:8::1]:1024',
    ],
  ])('throttles by %s and ignores the port', async (_, home, alsoHome, elsewhere) => {
    const behindProxy = await startReplica({ TRUST_PROXY: 'true' });
    const user = await behindProxy.register();
    const attempt = async (password: string, forwarded: string) => {
      const json = { username: user, password };
      const headers = { 'x-forwarded-for': forwarded };
      return (await behindProxy.post('/login', { json, headers })).status;
    };
    expect(await attempt(PASSWORD, home)).toBe(200);
    // Each guess comes from another port. Counted separately, none would be throttled.
    const guesser = elsewhere.replace(/\d+$/, '');
    const statuses: number[] = [];
    while (!statuses.includes(429) && statuses.length < 20)
      statuses.push(await attempt('not the password', `${guesser}${2_000 + statuses.length}`));
    expect(statuses).toContain(429);
    expect(await attempt(PASSWORD, elsewhere)).toBe(429);
    for (const address of alsoHome) expect(await attempt(PASSWORD, address)).toBe(200);
  });

  describe('when the database is unreachable', () => {
    it('responds 503 with a problem or an OAuth error, and recovers with the database', async () => {
      const [postgres, ownNats] = await Promise.all([startTestPostgres(), startTestNats()]);
      const url = await postgres.createDatabase('auth', 'a password');
      const auth = await AuthReplica.start({
        databaseUrl: url,
        nats: ownNats.credentials('auth'),
      });
      const user = await auth.register();
      const { access_token: token, refresh_token: refresh } = await auth.logIn(user);
      expect(await auth.honours(token)).toBe(true);
      await postgres.stop();

      const problems = [
        await auth.login(user),
        await auth.post('/register', { json: { username: 'somebody', password: PASSWORD } }),
        await auth.send('GET', '/sessions', { token }),
        await auth.post('/logout', { token }),
      ];
      for (const { status, headers, body } of problems) {
        expect({ status, code: body.code }).toEqual({ status: 503, code: 'database_unavailable' });
        expect(headers.get('retry-after')).toBe('1');
      }
      expect(await auth.refresh(refresh)).toMatchObject({
        status: 503,
        body: { error: 'temporarily_unavailable' },
      });
      expect((await auth.send('GET', '/.well-known/jwks.json')).status).toBe(200);
      expect((await auth.send('GET', '/health/ready')).status).toBe(503);

      await postgres.restart();
      await waitFor(() => auth.isReady(), { timeoutMs: 20_000 });
      expect(await auth.honours(token)).toBe(true);
      expect((await auth.refresh(refresh)).status).toBe(200);
      expect((await auth.login(user)).status).toBe(200);
      await auth.close();
      await Promise.all([postgres.close(), ownNats.close()]);
    });
  });
});
