import {
  makeIssuer,
  startTestDatabase,
  startTestNats,
  startTestRedis,
  waitFor,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { request as httpRequest } from 'node:http';
import { AuthReplica, claimsOf, PASSWORD, refreshCookieOf } from './auth-fixture.js';
import { AccessTokenIssuer } from '../src/tokens/access-token-issuer.js';

const ISSUER = 'http://localhost:4000';
const SESSION_COOKIE = 'session-development';
const OWN = { origin: ISSUER };
const FOREIGN = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };

/** A session, and whatever can be shown of it. */
interface Held {
  readonly username: string;
  readonly sid: string;
  readonly token: string;
  readonly expired: string;
  readonly refreshToken?: string;
  readonly cookie?: string;
}
type Headers = Readonly<Record<string, string | string[]>>;

describe('the credentials of a log-out', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let redis: Awaited<ReturnType<typeof startTestRedis>>;
  let auth: AuthReplica;
  let foreign: string;

  beforeAll(async () => {
    [database, nats, redis] = await Promise.all([
      startTestDatabase(),
      startTestNats(),
      startTestRedis(),
    ]);
    const env = { ISSUER, SESSION_STORE_URL: redis.url };
    auth = await AuthReplica.start({
      databaseUrl: database.url,
      nats: nats.credentials('auth'),
      env,
    });
    foreign = await (await makeIssuer({ issuer: ISSUER })).makeToken({ audience: ISSUER });
    await waitFor(async () => (await logIn('session cookie')) !== undefined);
    await waitFor(async () => {
      const { access_token: token } = await auth.logIn(await auth.register());
      return (await auth.post('/logout', { token })).status === 204;
    });
  });
  afterAll(async () => {
    await auth.close();
    await Promise.all([nats.close(), redis.close(), database.drop()]);
  });

  /** Signed by the service's own key, an hour ago. */
  const expiredTokenOf = async (token: string) => {
    const { sub, sid, client_id: clientId } = claimsOf(token);
    const request = { subject: sub, clientId, sessionId: sid, scopes: ['orders:read'] };
    const issuer = auth.service.app.get(AccessTokenIssuer, { strict: false });
    return (await issuer.issue(request, Date.now() - 3_600_000)).token;
  };
  const withExpired = async (held: Omit<Held, 'sid' | 'expired'>): Promise<Held> => ({
    ...held,
    sid: claimsOf(held.token).sid,
    expired: await expiredTokenOf(held.token),
  });
  const cookieLogIn = async (username: string) => {
    const json = { username, password: PASSWORD };
    const answer = await auth.post('/session/login', { json });
    const cookie = /^[^=]+=([^;]*)/.exec(answer.headers.getSetCookie()[0] ?? '')?.[1] ?? '';
    const headers = { cookie: `${SESSION_COOKIE}=${cookie}`, ...OWN };
    const { body } = await auth.post('/session/token', { headers });
    return withExpired({ username, cookie, token: body.access_token });
  };
  const logIn = async (companion: Companion, of?: string): Promise<Held> => {
    const username = of ?? (await auth.register());
    if (companion === 'session cookie') return cookieLogIn(username);
    const refreshTokenDelivery = companion === 'refresh cookie' ? 'cookie' : 'body';
    const answer = await auth.login(username, { refreshTokenDelivery });
    const refreshToken = answer.body.refresh_token ?? refreshCookieOf(answer);
    return withExpired({ username, refreshToken, token: answer.body.access_token });
  };

  const AUTHORIZATIONS = {
    'no header': () => ({}),
    'a good token': ({ token }: Held) => ({ authorization: `Bearer ${token}` }),
    'an expired token': ({ expired }: Held) => ({ authorization: `Bearer ${expired}` }),
    'an expired token of a session that has ended': (_: Held, ended: Held) => ({
      authorization: `Bearer ${ended.expired}`,
    }),
    "a foreign issuer's token": () => ({ authorization: `Bearer ${foreign}` }),
    'Basic credentials': () => ({ authorization: 'Basic YTpi' }),
    garbage: () => ({ authorization: 'Bearer x.y.z' }),
    'half a scheme': () => ({ authorization: 'Bearer' }),
    'a doubled header': ({ token }: Held) => ({
      authorization: [`Bearer ${token}`, `Bearer ${token}`],
    }),
  } as const satisfies Record<string, (held: Held, ended: Held) => Headers>;
  type Authorization = keyof typeof AUTHORIZATIONS;

  const COMPANIONS = {
    'the refresh token in the body': ({ refreshToken }: Held) => ({ body: { refreshToken } }),
    'the refresh cookie': ({ refreshToken }: Held) => ({
      headers: { cookie: `__Host-latchkey-refresh=${refreshToken}`, ...OWN },
    }),
    'the session cookie': ({ cookie }: Held) => ({
      headers: { cookie: `${SESSION_COOKIE}=${cookie}`, ...OWN },
    }),
    'nothing else': () => ({}),
  } as const satisfies Record<string, (held: Held) => { body?: object; headers?: Headers }>;
  type Companion = 'refresh cookie' | 'session cookie' | 'refresh token';
  const kindOf = (companion: keyof typeof COMPANIONS): Companion => {
    if (companion === 'the session cookie') return 'session cookie';
    return companion === 'the refresh cookie' ? 'refresh cookie' : 'refresh token';
  };

  /** `fetch` would join two headers of one name. */
  const send = (method: string, path: string, headers: Headers, body?: object | string) =>
    new Promise<number>((resolve, reject) => {
      const text = typeof body === 'string' ? body : body && JSON.stringify(body);
      const request = httpRequest(auth.url + path, {
        method,
        headers: {
          ...(text && {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(text)),
          }),
          ...headers,
        },
      });
      request.on('error', reject).on('response', (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      });
      request.end(text);
    });
  const lives = async ({ token, cookie }: Held) => {
    const headers = { cookie: `${SESSION_COOKIE}=${cookie}`, ...OWN };
    const byToken = await auth.honours(token);
    if (cookie === undefined) return byToken;
    const byCookie = (await auth.send('GET', '/session', { headers })).status === 200;
    expect(byCookie).toBe(byToken);
    return byCookie;
  };
  const endedSession = async () => {
    const held = await logIn('refresh token');
    expect((await auth.post('/logout', { token: held.token })).status).toBe(204);
    return held;
  };

  const names = <Name extends string>(table: Record<Name, unknown>) => Object.keys(table) as Name[];
  const everyPair = names(AUTHORIZATIONS).flatMap((authorization) =>
    names(COMPANIONS).map((companion) => [authorization, companion] as const),
  );

  describe.each(['/logout', '/logout/everywhere'])('POST %s', (path) => {
    /** What must be answered, and 204 alone ends the session. */
    const expected = (authorization: Authorization, companion: keyof typeof COMPANIONS) => {
      if (authorization === 'a doubled header') return 400;
      if (companion !== 'nothing else') return 204;
      if (authorization === 'a good token' || authorization === 'an expired token') return 204;
      // Logging out twice is no error; for other sessions an ended one does not speak.
      const ended = authorization === 'an expired token of a session that has ended';
      return ended && path === '/logout' ? 204 : 401;
    };

    it.each(everyPair)('with %s and %s', async (authorization, companion) => {
      const held = await logIn(kindOf(companion));
      const sent: { body?: object; headers?: Headers } = COMPANIONS[companion](held);
      const headers = {
        ...sent.headers,
        ...AUTHORIZATIONS[authorization](held, await endedSession()),
      };
      const status = await send('POST', path, headers, sent.body);
      expect(status).toBe(expected(authorization, companion));
      const named =
        companion !== 'nothing else' || /^(a good|an expired) token$/.test(authorization);
      expect(await lives(held)).toBe(!(status === 204 && named));
    });

    it.each(['the refresh cookie', 'the session cookie'] as const)(
      'from a foreign page does not count %s, also beside an expired token of another session',
      async (companion) => {
        const held = await logIn(kindOf(companion));
        const { cookie } = COMPANIONS[companion](held).headers;
        expect(await send('POST', path, { cookie, ...FOREIGN })).toBe(403);
        const { expired } = await logIn('refresh token');
        const authorization = `Bearer ${expired}`;
        expect(await send('POST', path, { cookie, authorization, ...FOREIGN })).toBe(204);
        expect(await lives(held)).toBe(true);
      },
    );
  });

  it('end every session that they prove, where the header names none that is live', async () => {
    const username = await auth.register();
    const [stale, body, cookie] = [
      await logIn('refresh token', username),
      await logIn('refresh token', username),
      await logIn('session cookie', username),
    ];
    const headers = {
      authorization: `Bearer ${stale.expired}`,
      cookie: `${SESSION_COOKIE}=${cookie.cookie}`,
      ...OWN,
    };
    expect(await send('POST', '/logout', headers)).toBe(204);
    expect([await lives(stale), await lives(cookie)]).toEqual([false, false]);
    const both = { authorization: `Bearer ${stale.token}` };
    expect(await send('POST', '/logout', both, { refreshToken: body.refreshToken })).toBe(204);
    expect(await lives(body)).toBe(false);
  });

  it('leave the session of a cookie alone beside a live token of another one', async () => {
    const [mine, other] = [await logIn('refresh token'), await logIn('session cookie')];
    const headers = {
      authorization: `Bearer ${mine.token}`,
      cookie: `${SESSION_COOKIE}=${other.cookie}`,
      ...OWN,
    };
    expect(await send('POST', '/logout', headers)).toBe(204);
    expect([await lives(mine), await lives(other)]).toEqual([false, true]);
  });

  it('clear the session cookie that they end', async () => {
    const held = await logIn('session cookie');
    const { headers } = COMPANIONS['the session cookie'](held);
    const answer = await auth.post('/logout', { headers });
    expect(answer.headers.getSetCookie()[0]).toMatch(/^session-development=; .*Expires=/);
  });

  it.each(names(AUTHORIZATIONS))('DELETE /session with its cookie and %s', async (name) => {
    const held = await logIn('session cookie');
    const { headers } = COMPANIONS['the session cookie'](held);
    const sent = { ...headers, ...AUTHORIZATIONS[name](held, await endedSession()) };
    const doubled = name === 'a doubled header';
    expect(await send('DELETE', '/session', sent)).toBe(doubled ? 400 : 204);
    expect(await lives(held)).toBe(doubled);
  });

  describe('beside a body', () => {
    const NO_REFRESH_TOKENS = {
      'is empty': { refreshToken: '' },
      'is blank': { refreshToken: ' ' },
      'is null': { refreshToken: null },
      'is a number': { refreshToken: 1 },
      'is too long': { refreshToken: 'x'.repeat(257) },
      'belongs to nobody': { refreshToken: 'x' },
    };
    const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
    const BAD_BODIES: Record<string, { body: string; headers?: Headers; status?: number }> = {
      'an unknown member': { body: '{"all":true}' },
      null: { body: 'null' },
      'a list': { body: '[]' },
      'half of a JSON document': { body: '{"refreshToken":' },
      'a __proto__': { body: '{"__proto__":{}}' },
      'a form': { body: 'refreshToken=x', headers: FORM, status: 415 },
      'a malformed media type': { body: '{}', headers: { 'content-type': 'json' }, status: 415 },
      text: { body: 'bye', headers: { 'content-type': 'text/plain' }, status: 415 },
    };
    const proofs = {
      'refresh token': (held: Held) => AUTHORIZATIONS['a good token'](held),
      'refresh cookie': (held: Held) => COMPANIONS['the refresh cookie'](held).headers,
      'session cookie': (held: Held) => COMPANIONS['the session cookie'](held).headers,
    };

    describe.each(['/logout', '/logout/everywhere'])('POST %s', (path) => {
      it.each(Object.entries(NO_REFRESH_TOKENS))(
        'ends the session of another credential where the refresh token %s',
        async (_, body) => {
          for (const kind of names(proofs)) {
            const held = await logIn(kind);
            expect([kind, await send('POST', path, proofs[kind](held), body)]).toEqual([kind, 204]);
            expect(await lives(held)).toBe(false);
          }
          const status = body.refreshToken === 'x' ? 401 : 400;
          expect(await send('POST', path, {}, body)).toBe(status);
          const authorization = `Bearer ${foreign}`;
          expect(await send('POST', path, { authorization }, body)).toBe(status);
        },
      );

      it.each(Object.entries(BAD_BODIES))('is refused as a whole: %s', async (_, bad) => {
        const { body, headers, status = 400 } = bad;
        const held = await logIn('refresh token');
        const good = AUTHORIZATIONS['a good token'](held);
        expect(await send('POST', path, { ...headers, ...good }, body)).toBe(status);
        expect(await lives(held)).toBe(true);
      });
    });

    it.each(Object.entries(BAD_BODIES))('DELETE ends the session: %s', async (_, bad) => {
      const { body, headers } = bad;
      const held = await logIn('session cookie');
      const byCookie = { ...headers, ...COMPANIONS['the session cookie'](held).headers };
      expect(await send('DELETE', '/session', byCookie, body)).toBe(204);
      expect(await lives(held)).toBe(false);
      const [mine, other] = [await logIn('refresh token'), await logIn('refresh token')];
      const byToken = { ...headers, ...AUTHORIZATIONS['a good token'](mine) };
      expect(await send('DELETE', `/sessions/${mine.sid}`, byToken, body)).toBe(204);
      expect(await lives(mine)).toBe(false);
      expect(await lives(other)).toBe(true);
    });
  });

  describe('POST /oauth/revoke', () => {
    const form = (token: string) => ({ token, client_id: 'latchkey-web' });

    it.each(names(AUTHORIZATIONS).filter((name) => name !== 'a doubled header'))(
      'by the public client with %s',
      async (name) => {
        const held = await logIn('refresh token');
        const headers = AUTHORIZATIONS[name](held, await endedSession()) as Record<string, string>;
        const answer = await auth.post('/oauth/revoke', {
          headers,
          form: form(held.refreshToken!),
        });
        // Basic is how a client says who it is: it must be right. A bearer token says nothing about that.
        expect(answer.status).toBe(name === 'Basic credentials' ? 400 : 200);
        expect(await lives(held)).toBe(name === 'Basic credentials');
      },
    );

    it('needs a form with one token, and takes no notice of what else is in it (RFC 7009 §2.1)', async () => {
      const { refreshToken } = await logIn('refresh token');
      const client = 'client_id=latchkey-web';
      const token = `token=${refreshToken}`;
      const refused = [client, `${client}&token=`, `${client}&${token}&${token}`];
      for (const text of refused) {
        const { status, body } = await auth.post('/oauth/revoke', { form: text });
        expect([status, body.error]).toEqual([400, 'invalid_request']);
      }
      const more = 'token_type_hint=id_token&refreshToken=&all=true';
      const answer = await auth.post('/oauth/revoke', { form: `${client}&${token}&${more}` });
      expect(answer.status).toBe(200);
      expect((await auth.refresh(refreshToken!)).status).toBe(400);
    });

    it('of a token that expired an instant ago still revokes it: clocks differ', async () => {
      const { token } = await logIn('refresh token');
      const { sub, sid, client_id: clientId, exp, iat } = claimsOf(token);
      const request = { subject: sub, clientId, sessionId: sid, scopes: ['orders:read'] };
      const issuer = auth.service.app.get(AccessTokenIssuer, { strict: false });
      const longAgo = Date.now() - (exp - iat) * 1000 - 10_000;
      const late = (await issuer.issue(request, longAgo)).token;
      const before = await auth.post('/oauth/revoke', { form: form(late) });
      expect(before.headers.get('revocation-position')).toMatch(/^\d+$/);
    });
  });
});
