import { startService, type RunningService } from '@latchkey/service-kit';
import { csrfTokenOf, Sessions, type Session } from '@latchkey/sessions';
import { RedisSessionStore } from '@latchkey/session-stores/redis';
import {
  makeIssuer,
  startTestRedis,
  waitFor,
  type TestIssuer,
  type TestRedis,
} from '@latchkey/testing';
import { DEVELOPMENT_ACCESS_TOKEN_COOKIE } from '@latchkey/verifier-nestjs';
import { DEVELOPMENT_COOKIE } from './session-cookie.js';
import { SessionOrTokenGuard } from './session-or-token.guard.js';
import { SessionGuard } from './session.guard.js';
import { ORIGIN, ThingsModule, type Guard } from '../test/things-fixture.js';

describe('a service with session cookies', () => {
  let redis: TestRedis;
  let store: RedisSessionStore;
  let issuer: TestIssuer;
  let replicas: RunningService[];
  let either: RunningService;
  let sessions: Sessions;
  let cookie: string;
  let sid: Session['id'];
  let credential: string;

  beforeAll(async () => {
    [redis, issuer] = await Promise.all([startTestRedis(), makeIssuer()]);
    store = new RedisSessionStore({ url: redis.url });
    store.open();
    sessions = new Sessions(store);
    const start = (guard: Guard) =>
      startService({
        name: 'things',
        module: ThingsModule.forRoot(store, issuer, guard),
        host: '127.0.0.1',
        port: 0,
        logLevel: 'silent',
        openApi: { title: 'Things', description: 'For tests' },
        handleSignals: false,
      });
    replicas = [await start(SessionGuard), await start(SessionGuard)];
    either = await start(SessionOrTokenGuard);
  });
  afterAll(async () => {
    await Promise.all([...replicas, either].map((service) => service.close()));
    store.close();
    await redis.close();
  });
  beforeEach(async () => {
    const scopes = ['things:read', 'things:write'];
    const started = await waitFor(() =>
      sessions.start({ subject: 'ada', clientId: 'web', scopes }),
    );
    credential = started.credential;
    sid = started.session.id;
    cookie = `${DEVELOPMENT_COOKIE}=${credential}`;
  });

  const call = (path: string, headers: Record<string, string> = {}, on = replicas[0]!) =>
    fetch(on.url + path, { headers });
  const post = (headers: Record<string, string>, on = replicas[0]!) =>
    fetch(`${on.url}/things`, { method: 'POST', headers });
  const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

  it('passes the same principal to the handler as for a token', async () => {
    const answer = await call('/who', { cookie: `other=1; ${cookie}; more=2` });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      subject: 'ada',
      scopes: ['things:read', 'things:write'],
      sessionId: sid,
      issuer: issuer.issuer,
    });
  });

  it('answers 401 without a live session', async () => {
    const other = (await sessions.start({ subject: 'eve', clientId: 'web', scopes: [] }))
      .credential;
    const mixed = `${sid}.${other.split('.')[1]!}`;
    const missing = await call('/who');
    expect(missing.status).toBe(401);
    expect(missing.headers.get('www-authenticate')).toContain(DEVELOPMENT_COOKIE);
    expect(await codeOf(missing)).toBe('missing_session');
    for (const wrong of [mixed, sid, `${credential}x`, 'nonsense', `"${credential}"`]) {
      const answer = await call('/who', { cookie: `${DEVELOPMENT_COOKIE}=${wrong}` });
      expect([answer.status, await codeOf(answer)]).toEqual([401, 'invalid_session']);
    }
    for (const useless of [`${DEVELOPMENT_COOKIE}=`, `x${cookie}`, `${cookie}; ${cookie}`]) {
      expect(await codeOf(await call('/who', { cookie: useless }))).toBe('missing_session');
    }
    expect((await call('/open')).status).toBe(200);
  });

  it('requires the scopes of the route', async () => {
    const reader = { subject: 'ada', clientId: 'web', scopes: ['things:read'] };
    const { credential: poor } = await sessions.start(reader);
    const answer = await post({ cookie: `${DEVELOPMENT_COOKIE}=${poor}`, origin: ORIGIN });
    expect([answer.status, await codeOf(answer)]).toEqual([403, 'insufficient_scope']);
  });

  it.each<[string, Record<string, string>]>([
    ['an allowed page', { origin: ORIGIN, 'sec-fetch-site': 'same-origin' }],
    ['an allowed page in a browser without Sec-Fetch-Site', { origin: ORIGIN }],
    ['a form of an allowed page, without an Origin header', { 'sec-fetch-site': 'same-origin' }],
  ])('accepts a state-changing request from %s', async (_, headers) => {
    expect((await post({ cookie, ...headers })).status).toBe(201);
  });

  it.each<[string, Record<string, string>]>([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another site, without an Origin header', { 'sec-fetch-site': 'cross-site' }],
    [
      'a sibling subdomain',
      { origin: 'http://evil.localhost:4000', 'sec-fetch-site': 'same-site' },
    ],
    ['another port', { origin: 'http://localhost:4001' }],
    ['the same host on HTTPS', { origin: ORIGIN.replace('http', 'https') }],
    ['a sandboxed frame', { origin: 'null' }],
    ['an origin with the allowed one as a prefix', { origin: `${ORIGIN}.evil.example` }],
    [
      'another site with a forged Sec-Fetch-Site',
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    ],
  ])('refuses a state-changing request from %s, and answers reads', async (_, headers) => {
    const answer = await post({ cookie, ...headers });
    expect([answer.status, await codeOf(answer)]).toEqual([403, 'cross_origin']);
    // The CSRF token does not help either: it is for requests that name no origin.
    expect(
      (await post({ cookie, ...headers, 'x-csrf-token': csrfTokenOf(credential) })).status,
    ).toBe(403);
    expect((await call('/who', { cookie, ...headers })).status).toBe(200);
  });

  it('accepts the CSRF token from a client that names no origin', async () => {
    const other = await sessions.start({ subject: 'ada', clientId: 'web', scopes: [] });
    for (const token of [undefined, '', 'x', csrfTokenOf(other.credential)]) {
      const answer = await post({ cookie, ...(token !== undefined && { 'x-csrf-token': token }) });
      expect([answer.status, await codeOf(answer)]).toEqual([403, 'csrf_token_missing']);
    }
    expect((await post({ cookie, 'x-csrf-token': csrfTokenOf(credential) })).status).toBe(201);
  });

  it('provides headers that authenticate the caller to another service', async () => {
    const given = (await (await call('/credentials', { cookie })).json()) as Record<string, string>;
    expect(given['cookie']).toBe(cookie);
    expect((await post(given, replicas[1])).status).toBe(201);
  });

  it('remembers the credential, to be exchanged for a token', async () => {
    const answer = await call('/subject-token', { cookie });
    expect(await answer.json()).toEqual({ token: credential, type: 'session', isHidden: true });
  });

  it.each(['/actor', '/client'])('is no actor and no client: %s', async (path) => {
    for (const replica of [replicas[0]!, either]) {
      const answer = await call(path, { cookie }, replica);
      expect([answer.status, await codeOf(answer)]).toEqual([403, 'caller_not_allowed']);
      expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
    }
  });

  it('rejects an ended session at once, on every replica', async () => {
    for (const replica of replicas)
      expect((await call('/who', { cookie }, replica)).status).toBe(200);
    await sessions.end(sid);
    for (const replica of replicas)
      expect((await call('/who', { cookie }, replica)).status).toBe(401);
  });

  it('answers 503 while the store is down, and recovers without a restart', async () => {
    await redis.kill();
    const answer = await call('/who', { cookie });
    expect([answer.status, await codeOf(answer)]).toEqual([503, 'session_store_unavailable']);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect((await call('/who')).status).toBe(401);
    await redis.restart();
    await waitFor(async () => (await call('/who', { cookie })).status === 200);
  });

  describe('that accepts access tokens as well', () => {
    const token = () =>
      issuer.makeToken({ subject: 'grace', audience: 'things', scope: 'things:write' });
    const bearer = async () => ({ authorization: `Bearer ${await token()}` });

    it('accepts either', async () => {
      expect((await call('/who', { cookie }, either)).status).toBe(200);
      const answer = await call('/who', await bearer(), either);
      expect(await answer.json()).toMatchObject({ subject: 'grace' });
      expect((await call('/who', {}, either)).status).toBe(401);
    });

    it('accepts the tokens of actors and clients on their routes', async () => {
      const bearerOf = async (subject: string, claims: object) => {
        const made = await issuer.makeToken({ subject, audience: 'things', claims: { ...claims } });
        return { authorization: `Bearer ${made}` };
      };
      const actor = await bearerOf('grace', { act: { sub: 'orders' } });
      const client = await bearerOf('orders', { client_id: 'orders', sid: undefined });
      expect((await call('/actor', actor, either)).status).toBe(200);
      expect((await call('/client', client, either)).status).toBe(200);
      expect((await call('/actor', client, either)).status).toBe(403);
      expect((await call('/client', actor, either)).status).toBe(403);
    });

    it('is not entered by a session cookie with a transaction token', async () => {
      const both = { cookie, 'txn-token': await issuer.makeTransactionToken() };
      expect((await call('/who', both, either)).status).toBe(401);
    });

    it('prefers a bearer token to a session cookie', async () => {
      const answer = await call('/who', { cookie, ...(await bearer()) }, either);
      expect(await answer.json()).toMatchObject({ subject: 'grace' });
      const wrong = { cookie, authorization: 'Bearer nonsense' };
      expect((await call('/who', wrong, either)).status).toBe(401);
    });

    it('prefers a session cookie to a token cookie, and accepts a token cookie alone', async () => {
      const kept = `${DEVELOPMENT_ACCESS_TOKEN_COOKIE}=${await token()}`;
      const both = await call('/who', { cookie: `${kept}; ${cookie}` }, either);
      expect(await both.json()).toMatchObject({ subject: 'ada' });
      const alone = await call('/who', { cookie: kept }, either);
      expect(await alone.json()).toMatchObject({ subject: 'grace' });
      expect((await post({ cookie: kept, origin: ORIGIN }, either)).status).toBe(201);
      expect(await codeOf(await post({ cookie: kept }, either))).toBe('origin_missing');
      expect((await call('/who', { cookie: kept })).status).toBe(401);
    });

    it('requires no origin with a bearer token', async () => {
      expect((await post(await bearer(), either)).status).toBe(201);
      expect((await post({ cookie }, either)).status).toBe(403);
    });

    it('rejects a token if only sessions are accepted', async () => {
      expect((await call('/who', await bearer())).status).toBe(401);
    });
  });
});
