import {
  startTestDatabase,
  startTestNats,
  startTestRedis,
  waitFor,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { request as httpRequest } from 'node:http';
import { AuthReplica, CLIENT, PASSWORD } from './auth-fixture.js';

const ISSUER = 'http://localhost:4000';
const FORM = 'application/x-www-form-urlencoded';
const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'APPLICATION/JSON',
  'text/plain',
  'text/plain;charset=UTF-8',
  FORM,
  'application/octet-stream',
  'application/vnd.example+json',
  'multipart/form-data; boundary=x',
];
const LENGTHS = {
  'Content-Length: 0': { 'content-length': '0' },
  'no chunk': { 'transfer-encoding': 'chunked' },
} as const;

describe('an empty body', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let redis: Awaited<ReturnType<typeof startTestRedis>>;
  let auth: AuthReplica;
  let admin: string;

  beforeAll(async () => {
    [database, nats, redis] = await Promise.all([
      startTestDatabase(),
      startTestNats(),
      startTestRedis(),
    ]);
    auth = await AuthReplica.start({
      databaseUrl: database.url,
      nats: nats.credentials('auth'),
      // The next key may take over as soon as it is there.
      env: { ISSUER, SESSION_STORE_URL: redis.url, SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '0.001' },
    });
    admin = await auth.adminToken();
    await waitFor(async () => {
      const { access_token: token } = await auth.logIn(await auth.register());
      return (await auth.post('/logout', { token })).status === 204;
    });
    await waitFor(async () => (await sessionCookie(await auth.register())) !== undefined);
  });
  afterAll(async () => {
    await auth.close();
    await Promise.all([nats.close(), redis.close(), database.drop()]);
  });

  const sessionCookie = async (username: string) => {
    const answer = await auth.post('/session/login', { json: { username, password: PASSWORD } });
    return /^session-development=[^;]+/.exec(answer.headers.getSetCookie()[0] ?? '')?.[0];
  };
  const send = (method: string, path: string, headers: Record<string, string>) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const request = httpRequest(auth.url + path, { method, headers });
      request.on('error', reject).on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      request.end();
    });

  type Prepare = () => Promise<{ path: string; headers: Record<string, string> }>;
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const pendingKey = () =>
    waitFor(async () => {
      const { body } = await auth.send('GET', '/admin/signing-keys', { token: admin });
      return body.keys.find(({ state }) => state === 'pending')?.keyId;
    });
  /** Every route that changes something and has no body, or can do without. */
  const WITHOUT_A_BODY: Record<string, Prepare> = {
    'POST /logout': async () => {
      const { access_token: token } = await auth.logIn(await auth.register());
      return { path: '/logout', headers: bearer(token) };
    },
    'POST /logout/everywhere': async () => {
      const { access_token: token } = await auth.logIn(await auth.register());
      return { path: '/logout/everywhere', headers: bearer(token) };
    },
    'DELETE /sessions/:sid': async () => {
      const { access_token: token, sid } = await auth.logIn(await auth.register());
      return { path: `/sessions/${sid}`, headers: bearer(token) };
    },
    'DELETE /session': async () => {
      const cookie = (await sessionCookie(await auth.register()))!;
      return { path: '/session', headers: { cookie, origin: ISSUER } };
    },
    'POST /session/token': async () => {
      const cookie = (await sessionCookie(await auth.register()))!;
      return { path: '/session/token', headers: { cookie, origin: ISSUER } };
    },
    'DELETE /admin/sessions/:sid': async () => {
      const { sid } = await auth.logIn(await auth.register());
      return { path: `/admin/sessions/${sid}`, headers: bearer(admin) };
    },
    'POST /admin/users/:username/disable': async () => {
      const username = await auth.register();
      return { path: `/admin/users/${username}/disable`, headers: bearer(admin) };
    },
    'POST /admin/users/:username/enable': async () => {
      const username = await auth.register();
      return { path: `/admin/users/${username}/enable`, headers: bearer(admin) };
    },
    'POST /admin/clients/:clientId/revoke': () =>
      Promise.resolve({ path: `/admin/clients/${CLIENT.id}/revoke`, headers: bearer(admin) }),
    'POST /admin/signing-keys/rotate': async () => {
      await pendingKey();
      return { path: '/admin/signing-keys/rotate', headers: bearer(admin) };
    },
    'POST /admin/signing-keys/:kid/revoke': async () => ({
      path: `/admin/signing-keys/${await pendingKey()}/revoke`,
      headers: bearer(admin),
    }),
  };

  it('is tried on every route of the OpenAPI document that needs none', async () => {
    const document = (await (await fetch(`${auth.url}/docs-json`)).json()) as {
      paths: Record<string, Record<string, { requestBody?: { required?: boolean } }>>;
    };
    const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([method, { requestBody }]) => method !== 'get' && !requestBody?.required)
        .map(([method]) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(routes.sort()).toEqual(Object.keys(WITHOUT_A_BODY).sort());
  });

  describe.each(Object.keys(WITHOUT_A_BODY))('of %s', (route) => {
    it.each(TYPES.flatMap((type) => Object.keys(LENGTHS).map((length) => [type, length] as const)))(
      'is no body: %s, %s',
      async (type, length) => {
        const { path, headers } = await WITHOUT_A_BODY[route]!();
        const { status } = await send(route.split(' ')[0]!, path, {
          ...headers,
          'content-type': type,
          ...LENGTHS[length as keyof typeof LENGTHS],
        });
        expect([200, 204]).toContain(status);
      },
    );
  });

  it.each(TYPES)('is a field that is missing where a body is needed: %s', async (type) => {
    for (const path of ['/register', '/login', '/session/login']) {
      const headers = { 'content-type': type, 'content-length': '0' };
      const { status, text } = await send('POST', path, headers);
      expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([400, 'invalid_input']);
    }
    const token = await send('POST', '/oauth/token', { 'content-type': type });
    expect([token.status, (JSON.parse(token.text) as { error: string }).error]).toEqual([
      400,
      'invalid_request',
    ]);
  });
});
