import { NewClientReply } from '@latchkey/contracts/auth-api';
import { waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { CLIENT } from './auth-fixture.js';
import {
  logInWithCookie,
  sessionCookieOf,
  useAuthWithRedis,
  withSessionCookie,
} from './session-fixture.js';

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
  const { auth } = useAuthWithRedis({
    // The next key may take over as soon as it exists.
    env: {
      SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '0.001',
      // The administrator's token has to outlive all tests.
      ACCESS_TOKEN_LIFETIME_SECONDS: '3600',
    },
  });
  let admin: string;
  let ada: string;
  let other: string;

  beforeAll(async () => {
    admin = await auth.adminToken();
    ada = await auth.register();
    other = await auth.register();
  });

  const cookieHeaders = async () => {
    const answer = await logInWithCookie(auth, ada);
    return { ...withSessionCookie(sessionCookieOf(answer)).headers };
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
  const newClient = async () => {
    const json = { clientId: `client-${randomUUID()}` };
    const { body } = await auth.post('/admin/clients', { token: admin, json });
    return NewClientReply.parse(body);
  };
  /** Every route that changes something and does not require a body. */
  const WITHOUT_A_BODY: Record<string, Prepare> = {
    'POST /logout': async () => {
      const { access_token: token } = await auth.logIn(ada);
      return { path: '/logout', headers: bearer(token) };
    },
    'POST /logout/everywhere': async () => {
      const { access_token: token } = await auth.logIn(ada);
      return { path: '/logout/everywhere', headers: bearer(token) };
    },
    'DELETE /sessions': async () => {
      const { access_token: token } = await auth.logIn(ada);
      return { path: '/sessions', headers: bearer(token) };
    },
    'DELETE /sessions/:sid': async () => {
      const { access_token: token, sid } = await auth.logIn(ada);
      return { path: `/sessions/${sid}`, headers: bearer(token) };
    },
    'DELETE /session': async () => ({ path: '/session', headers: await cookieHeaders() }),
    'POST /session/token': async () => ({
      path: '/session/token',
      headers: await cookieHeaders(),
    }),
    'DELETE /admin/sessions/:sid': async () => {
      const { sid } = await auth.logIn(ada);
      return { path: `/admin/sessions/${sid}`, headers: bearer(admin) };
    },
    'DELETE /admin/users/:username/sessions': () =>
      Promise.resolve({ path: `/admin/users/${other}/sessions`, headers: bearer(admin) }),
    'POST /admin/users/:username/disable': () =>
      Promise.resolve({ path: `/admin/users/${other}/disable`, headers: bearer(admin) }),
    'POST /admin/users/:username/enable': () =>
      Promise.resolve({ path: `/admin/users/${other}/enable`, headers: bearer(admin) }),
    'DELETE /admin/clients/:clientId': async () => {
      const { clientId } = await newClient();
      return { path: `/admin/clients/${clientId}`, headers: bearer(admin) };
    },
    'DELETE /admin/clients/:clientId/credentials/:credentialId': async () => {
      const { clientId, credentials } = await newClient();
      const path = `/admin/clients/${clientId}/credentials/${credentials[0]!.id}`;
      return { path, headers: bearer(admin) };
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

  it('is tested on every route that requires no body in the OpenAPI document', async () => {
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
      'counts as no body: %s, %s',
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

  it.each(TYPES)('is refused as a missing field if a body is required: %s', async (type) => {
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
