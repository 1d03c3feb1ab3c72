import { claimsOf } from './auth-fixture.js';
import {
  COMPANIONS,
  kindOf,
  names,
  useCredentials,
  type Authorization,
  type Companion,
  type Headers,
  type Held,
} from './credentials-fixture.js';
import { CROSS_ORIGIN, SAME_ORIGIN, SESSION_COOKIE, withSessionCookie } from './session-fixture.js';

describe('the credentials of a log-out', () => {
  const { auth, AUTHORIZATIONS, logIn, issuedAgo, endedSession, lives, send } = useCredentials();

  const everyPair = names(AUTHORIZATIONS).flatMap((authorization) =>
    names(COMPANIONS).map((companion) => [authorization, companion] as const),
  );

  describe.each(['/logout', '/logout/everywhere'])('POST %s', (path) => {
    /** The expected status. Only 204 ends the session. */
    const expected = (authorization: Authorization, companion: Companion) => {
      if (authorization === 'a duplicate header') return 400;
      if (companion !== 'nothing else') return 204;
      if (authorization === 'a good token' || authorization === 'an expired token') return 204;
      // Logging out twice is not an error, but an ended session must not end others.
      const ended = authorization === 'an expired token of a session that has ended';
      return ended && path === '/logout' ? 204 : 401;
    };

    it.each(everyPair)('with %s and %s', async (authorization, companion) => {
      const held = await logIn(kindOf(companion));
      const sent = COMPANIONS[companion](held);
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
      'from a cross-origin page ignores %s, even next to an expired token of another session',
      async (companion) => {
        const held = await logIn(kindOf(companion));
        const { cookie } = COMPANIONS[companion](held).headers!;
        expect(await send('POST', path, { cookie: cookie!, ...CROSS_ORIGIN })).toBe(403);
        const { expired } = await logIn('refresh token');
        const authorization = `Bearer ${expired}`;
        expect(await send('POST', path, { cookie: cookie!, authorization, ...CROSS_ORIGIN })).toBe(
          204,
        );
        expect(await lives(held)).toBe(true);
      },
    );
  });

  it('end every session that they belong to if the header names no live session', async () => {
    const username = await auth.register();
    const [stale, body, cookie] = [
      await logIn('refresh token', username),
      await logIn('refresh token', username),
      await logIn('session cookie', username),
    ];
    const headers = {
      authorization: `Bearer ${stale.expired}`,
      cookie: `${SESSION_COOKIE}=${cookie.cookie}`,
      ...SAME_ORIGIN,
    };
    expect(await send('POST', '/logout', headers)).toBe(204);
    expect([await lives(stale), await lives(cookie)]).toEqual([false, false]);
    const both = { authorization: `Bearer ${stale.token}` };
    expect(await send('POST', '/logout', both, { refreshToken: body.refreshToken })).toBe(204);
    expect(await lives(body)).toBe(false);
  });

  it('keep the session of a cookie next to a live token of another session', async () => {
    const [mine, other] = [await logIn('refresh token'), await logIn('session cookie')];
    const headers = {
      authorization: `Bearer ${mine.token}`,
      cookie: `${SESSION_COOKIE}=${other.cookie}`,
      ...SAME_ORIGIN,
    };
    expect(await send('POST', '/logout', headers)).toBe(204);
    expect([await lives(mine), await lives(other)]).toEqual([false, true]);
  });

  it('clear the session cookie of an ended session', async () => {
    const held = await logIn('session cookie');
    const answer = await auth.post('/logout', withSessionCookie(held.cookie!));
    expect(answer.headers.getSetCookie()[0]).toMatch(/^session-development=; .*Expires=/);
  });

  it.each(names(AUTHORIZATIONS))(
    'end the session at DELETE /session with its cookie and %s',
    async (name) => {
      const held = await logIn('session cookie');
      const { headers } = COMPANIONS['the session cookie'](held);
      const sent = { ...headers, ...AUTHORIZATIONS[name](held, await endedSession()) };
      const duplicate = name === 'a duplicate header';
      expect(await send('DELETE', '/session', sent)).toBe(duplicate ? 400 : 204);
      expect(await lives(held)).toBe(duplicate);
    },
  );

  describe('next to a body', () => {
    const INVALID_REFRESH_TOKENS = {
      'is empty': { refreshToken: '' },
      'is blank': { refreshToken: ' ' },
      'is null': { refreshToken: null },
      'is a number': { refreshToken: 1 },
      'is too long': { refreshToken: 'x'.repeat(257) },
      'is unknown': { refreshToken: 'x' },
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
    const PROOFS = {
      'refresh token': (held: Held) => AUTHORIZATIONS['a good token'](held),
      'refresh cookie': (held: Held) => COMPANIONS['the refresh cookie'](held).headers!,
      'session cookie': (held: Held) => COMPANIONS['the session cookie'](held).headers!,
    };

    describe.each(['/logout', '/logout/everywhere'])('POST %s', (path) => {
      it.each(Object.entries(INVALID_REFRESH_TOKENS))(
        'ends the session of another credential if the refresh token %s',
        async (_, body) => {
          for (const kind of names(PROOFS)) {
            const held = await logIn(kind);
            expect([kind, await send('POST', path, PROOFS[kind](held), body)]).toEqual([kind, 204]);
            expect(await lives(held)).toBe(false);
          }
          const status = body.refreshToken === 'x' ? 401 : 400;
          expect(await send('POST', path, {}, body)).toBe(status);
          const foreign = AUTHORIZATIONS["a foreign issuer's token"]();
          expect(await send('POST', path, foreign, body)).toBe(status);
        },
      );

      it.each(Object.entries(BAD_BODIES))('refuses the whole request: %s', async (_, bad) => {
        const { body, headers, status = 400 } = bad;
        const held = await logIn('refresh token');
        const good = AUTHORIZATIONS['a good token'](held);
        expect(await send('POST', path, { ...headers, ...good }, body)).toBe(status);
        expect(await lives(held)).toBe(true);
      });
    });

    it.each(Object.entries(BAD_BODIES))(
      'is ignored by DELETE, which ends the session: %s',
      async (_, bad) => {
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
      },
    );
  });

  describe('POST /oauth/revoke', () => {
    const form = (token: string) => ({ token, client_id: 'latchkey-web' });

    it.each(names(AUTHORIZATIONS).filter((name) => name !== 'a duplicate header'))(
      'ends the session of the public client with %s',
      async (name) => {
        const held = await logIn('refresh token');
        const headers = AUTHORIZATIONS[name](held, await endedSession()) as Record<string, string>;
        const answer = await auth.post('/oauth/revoke', {
          headers,
          form: form(held.refreshToken!),
        });
        // Basic credentials identify the client and must be correct. A bearer token does not.
        expect(answer.status).toBe(name === 'Basic credentials' ? 400 : 200);
        expect(await lives(held)).toBe(name === 'Basic credentials');
      },
    );

    it('requires exactly one token, and ignores unknown parameters (RFC 7009 §2.1)', async () => {
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

    it('revokes a token that has just expired, because clocks differ', async () => {
      const { token } = await logIn('refresh token');
      const { exp, iat } = claimsOf(token);
      const expired = await issuedAgo(token, (exp - iat) * 1000 + 10_000);
      const answer = await auth.post('/oauth/revoke', { form: form(expired) });
      expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
    });
  });
});
