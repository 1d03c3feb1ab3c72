import { makeIssuer, waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { claimsOf, PASSWORD, type Answer, type Sent } from '../../../test/auth-fixture.js';
import { useAuth } from '../../../test/auth-testbed.js';
import { CROSS_ORIGIN, LOCAL_ISSUER as ISSUER } from '../../../test/session-fixture.js';
import { AccessTokenIssuer } from '../../tokens/access-token-issuer.js';

const COOKIE = 'access-token-development';
const REFRESH = '__Host-latchkey-refresh';
const IN_COOKIES = { refreshTokenDelivery: 'cookie', accessTokenDelivery: 'cookie' } as const;
const OWN = { origin: ISSUER, 'sec-fetch-site': 'same-origin' };

/** The value that an answer sets a cookie to: '' if it clears it, undefined if it does neither. */
const setBy = ({ headers }: Answer, name: string) =>
  headers
    .getSetCookie()
    .map((line) => line.split(';')[0]!.split('='))
    .find(([given]) => given === name)?.[1];

describe('an access token in a cookie', () => {
  const { auth, startReplica } = useAuth({ env: { ISSUER, ACCESS_TOKEN_COOKIE: 'true' } });
  let ada: string;

  beforeEach(async () => {
    ada = await auth.register();
  });

  interface Cookies {
    readonly access: string;
    readonly refresh: string;
  }
  const cookiesOf = (answer: Answer): Cookies => ({
    access: setBy(answer, COOKIE) ?? '',
    refresh: setBy(answer, REFRESH) ?? '',
  });
  const logIn = async () => cookiesOf(await auth.login(ada, IN_COOKIES));
  const withCookies = (cookies: Partial<Cookies>, more: Record<string, string> = OWN): Sent => {
    const { access, refresh } = cookies;
    const pairs = [access && `${COOKIE}=${access}`, refresh && `${REFRESH}=${refresh}`];
    return { headers: { cookie: pairs.filter(Boolean).join('; '), ...more } };
  };
  const refresh = (cookies: Partial<Cookies>) =>
    auth.post('/oauth/token', {
      form: { grant_type: 'refresh_token' },
      ...withCookies(cookies),
    });
  const works = async (access: string) =>
    (await auth.send('GET', '/sessions', withCookies({ access }, {}))).status === 200;

  it('is set at log-in for its lifetime, and is not in the body', async () => {
    const answer = await auth.login(ada, IN_COOKIES);
    expect(answer.status).toBe(200);
    const [, cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(
      /^access-token-development=[\w.-]+; Max-Age=300; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(answer.body).toEqual({ expires_in: 300, scope: expect.any(String) });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { access } = cookiesOf(answer);
    expect(claimsOf(access)).toMatchObject({ iss: ISSUER, scope: answer.body['scope'] });
    expect(await works(access)).toBe(true);
    expect(auth.log.text).not.toContain(access.split('.')[2]);
  });

  it('comes in the body if the log-in does not ask for a cookie', async () => {
    const answer = await auth.login(ada, { refreshTokenDelivery: 'cookie' });
    expect(answer.body.access_token).toBeTruthy();
    expect(setBy(answer, COOKIE)).toBeUndefined();
  });

  it.each([
    { accessTokenDelivery: 'cookie' },
    { accessTokenDelivery: 'cookie', refreshTokenDelivery: 'body' },
    { accessTokenDelivery: 'header', refreshTokenDelivery: 'cookie' },
  ])('is refused together with a refresh token that scripts can read: %j', async (json) => {
    const answer = await auth.post('/login', {
      json: { username: ada, password: PASSWORD, ...json },
    });
    expect([answer.status, answer.body.errors[0]?.field]).toEqual([400, '/accessTokenDelivery']);
  });

  it('is followed only by cookies, at every refresh and password change', async () => {
    const first = await logIn();
    const refreshed = await refresh(first);
    expect(refreshed.body).toEqual({ expires_in: 300, scope: expect.any(String) });
    const second = cookiesOf(refreshed);
    expect(second.access).not.toBe(first.access);
    expect(await works(second.access)).toBe(true);
    // Even a script that has obtained the refresh token cannot get tokens in the body.
    const asked = await auth.refresh(second.refresh, { access_token_delivery: 'body' });
    expect(asked.body).toEqual({ expires_in: 300, scope: expect.any(String) });
    const json = { currentPassword: PASSWORD, newPassword: 'another correct horse' };
    const changed = await auth.post('/password', { json, ...withCookies(cookiesOf(asked)) });
    expect(changed.body).toEqual({ expires_in: 300, scope: expect.any(String) });
    expect(await works(cookiesOf(changed).access)).toBe(true);
  });

  it('is refused to a cross-origin log-in', async () => {
    const json = { username: ada, password: PASSWORD, ...IN_COOKIES };
    const answer = await auth.post('/login', { json, headers: CROSS_ORIGIN });
    expect([answer.status, answer.body.code]).toEqual([403, 'cross_origin']);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it.each([
    ['/logout', {}],
    ['/logout/everywhere', {}],
    ['/password', { currentPassword: PASSWORD, newPassword: 'another correct horse' }],
  ])('is refused in a cross-origin request: POST %s', async (path, json) => {
    const { access } = await logIn();
    const foreign = await auth.post(path, { json, ...withCookies({ access }, CROSS_ORIGIN) });
    expect([foreign.status, foreign.body.code]).toEqual([403, 'cross_origin']);
    const silent = await auth.post(path, { json, ...withCookies({ access }, {}) });
    expect([silent.status, silent.body.code]).toEqual([403, 'origin_missing']);
    expect(await works(access)).toBe(true);
  });

  it('is refused if it is sent twice or has expired', async () => {
    const { access } = await logIn();
    const twice = { headers: { cookie: `${COOKIE}=${access}; ${COOKIE}=${access}`, ...OWN } };
    for (const answer of [
      await auth.post('/logout', twice),
      await auth.send('GET', '/sessions', twice),
    ])
      expect([answer.status, answer.body.code]).toEqual([401, 'missing_token']);
    const brief = await startReplica({ ACCESS_TOKEN_LIFETIME_SECONDS: '1' });
    const kept = cookiesOf(await brief.login(ada, IN_COOKIES));
    const answer = await waitFor(
      async () => {
        const judged = await brief.send('GET', '/sessions', withCookies({ access: kept.access }));
        return judged.status === 200 ? undefined : judged;
      },
      { timeoutMs: 30_000 },
    );
    expect([answer.status, answer.body.code]).toEqual([401, 'invalid_token']);
    await brief.close();
  });

  describe('that is stale', () => {
    const NAMES = [COOKIE, '__Host-access-token'];
    /** Access-token cookies that a browser may still hold. */
    const LEFT_OVER: Readonly<Record<string, () => Promise<string>>> = {
      'of a live session': async () => (await logIn()).access,
      'of a session that has ended': async () => {
        const both = await logIn();
        await auth.post('/logout', withCookies(both));
        return both.access;
      },
      'that has expired': async () => {
        const { sub, sid, client_id: clientId } = claimsOf((await logIn()).access);
        const request = { subject: sub, clientId, sessionId: sid, scopes: ['orders:read'] };
        const issuer = auth.service.app.get(AccessTokenIssuer, { strict: false });
        return (await issuer.issue(request, Date.now() - 3_600_000)).token;
      },
      'of another issuer': async () =>
        (await makeIssuer({ issuer: ISSUER })).makeToken({ audience: ISSUER }),
      'that is empty': () => Promise.resolve(''),
      'that is not a token': () => Promise.resolve('x.y.z'),
      'that cannot be decoded': () => Promise.resolve('%E0%A4%A'),
      'of the maximum length': () => Promise.resolve('a'.repeat(3_500)),
    };
    const ORIGINS = { 'its own page': OWN, 'a foreign page': CROSS_ORIGIN, 'no page': {} };
    type Origin = keyof typeof ORIGINS;

    const sendWith = async (kind: string, origin: Origin, more: readonly string[] = []) => {
      const token = await LEFT_OVER[kind]!();
      // Send each twice, because a cookie with another path may have the same name.
      const pairs = [...NAMES, ...NAMES].map((name) => `${name}=${token}`);
      return { headers: { cookie: [...pairs, ...more].join('; '), ...ORIGINS[origin] } };
    };
    const table = Object.keys(LEFT_OVER).flatMap((kind) =>
      (Object.keys(ORIGINS) as Origin[]).map((origin) => [kind, origin] as const),
    );

    it.each(table)(
      'does not affect a refresh, log-in or registration: %s, from %s',
      async (kind, origin) => {
        const { refresh_token: token } = await auth.logIn(ada);
        for (const client of [{}, { client_id: 'latchkey-web' }]) {
          const form = { grant_type: 'refresh_token', refresh_token: token, ...client };
          const answer = await auth.post('/oauth/token', {
            form,
            ...(await sendWith(kind, origin)),
          });
          expect([answer.status, answer.body['token_type']]).toEqual([200, 'Bearer']);
        }
        const json = { username: ada, password: PASSWORD };
        const loggedIn = await auth.post('/login', { json, ...(await sendWith(kind, origin)) });
        expect([loggedIn.status, loggedIn.body['token_type']]).toEqual([200, 'Bearer']);
        expect(await auth.honours(loggedIn.body.access_token)).toBe(true);
        const newcomer = { json: { ...json, username: `user-${randomUUID()}` } };
        const registered = await auth.post('/register', {
          ...newcomer,
          ...(await sendWith(kind, origin)),
        });
        expect(registered.status).toBe(202);
        expect((await auth.post('/login', newcomer)).status).toBe(200);
      },
    );

    it.each(Object.keys(LEFT_OVER))('is replaced by the next one: %s', async (kind) => {
      const { refresh: kept } = await logIn();
      const left = await sendWith(kind, 'its own page', [`${REFRESH}=${kept}`]);
      for (const authorization of [undefined, 'Bearer x.y.z']) {
        const headers = { ...left.headers, ...(authorization && { authorization }) };
        const form = { grant_type: 'refresh_token' };
        const refreshed = await auth.post('/oauth/token', { form, headers });
        expect(refreshed.status).toBe(200);
        expect(await works(cookiesOf(refreshed).access)).toBe(true);
        const json = { username: ada, password: PASSWORD, ...IN_COOKIES };
        const loggedIn = await auth.post('/login', { json, headers });
        expect(loggedIn.status).toBe(200);
        expect(await works(cookiesOf(loggedIn).access)).toBe(true);
      }
    });
  });

  describe('of a session that logs out', () => {
    it.each<[string, (cookies: Cookies) => Promise<Answer>]>([
      ['with both cookies', (both) => auth.post('/logout', withCookies(both))],
      ['everywhere', (both) => auth.post('/logout/everywhere', withCookies(both))],
    ])('is cleared together with the refresh token: %s', async (_, logOut) => {
      const both = await logIn();
      const answer = await logOut(both);
      expect([answer.status, setBy(answer, COOKIE), setBy(answer, REFRESH)]).toEqual([204, '', '']);
      expect(await works(both.access)).toBe(false);
      expect((await refresh(both)).body.error).toBe('invalid_grant');
    });

    it('is enough to name the session', async () => {
      const { access } = await logIn();
      const answer = await auth.post('/logout', withCookies({ access }));
      expect([answer.status, setBy(answer, COOKIE)]).toEqual([204, '']);
      expect(await works(access)).toBe(false);
    });

    it('stays if it belongs to another session', async () => {
      const { access } = await logIn();
      const { access_token: token } = await auth.logIn(ada);
      const answer = await auth.post('/logout', { token, ...withCookies({ access }) });
      expect([answer.status, setBy(answer, COOKIE)]).toEqual([204, undefined]);
      expect(await works(access)).toBe(true);
    });
  });

  it('is neither issued nor accepted if it is not configured', async () => {
    const cookies = await logIn();
    const without = await startReplica({ ACCESS_TOKEN_COOKIE: 'false' });
    const json = { username: ada, password: PASSWORD, ...IN_COOKIES };
    expect((await without.post('/login', { json })).body.code).toBe('invalid_request');
    expect((await without.send('GET', '/sessions', withCookies(cookies))).status).toBe(401);
    const form = { grant_type: 'refresh_token' };
    const answer = await without.post('/oauth/token', { form, ...withCookies(cookies) });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
    expect(answer.text).not.toContain('access_token');
    await without.close();
  });

  it('is documented if it is configured', async () => {
    const { text, body } = await auth.send('GET', '/docs-json');
    expect(text).toContain(`"name":"${COOKIE}"`);
    expect(text).toContain('"accessTokenDelivery"');
    const paths = body['paths'] as Record<string, { post: { security: object[] } }>;
    expect(paths['/password']?.post.security).toEqual([{ bearer: [] }, { tokenCookie: [] }]);
  });
});
