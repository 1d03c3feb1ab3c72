import { makeIssuer } from '@latchkey/testing';
import { request as httpRequest } from 'node:http';
import { AccessTokenIssuer } from '../src/tokens/access-token-issuer.js';
import { claimsOf, refreshCookieOf } from './auth-fixture.js';
import {
  cookieWorks,
  LOCAL_ISSUER,
  logInWithCookie,
  sessionCookieOf,
  useAuthWithRedis,
  withSessionCookie,
} from './session-fixture.js';

/** A session with all its credentials. */
export interface Held {
  readonly username: string;
  readonly sid: string;
  readonly token: string;
  readonly expired: string;
  readonly refreshToken?: string | undefined;
  readonly cookie?: string;
}
export type Headers = Readonly<Record<string, string | string[]>>;

/** The credential that a log-in asks for, next to the access token. */
export type Kind = 'refresh cookie' | 'session cookie' | 'refresh token';

interface Sent {
  readonly body?: object;
  readonly headers?: Headers;
}

export const names = <Name extends string>(table: Record<Name, unknown>) =>
  Object.keys(table) as Name[];

/** Credentials that a request can carry next to the `Authorization` header. */
export const COMPANIONS = {
  'the refresh token in the body': ({ refreshToken }: Held): Sent => ({ body: { refreshToken } }),
  'the refresh cookie': ({ refreshToken }: Held): Sent => ({
    headers: { cookie: `__Host-latchkey-refresh=${refreshToken}`, origin: LOCAL_ISSUER },
  }),
  'the session cookie': ({ cookie = '' }: Held): Sent => ({ ...withSessionCookie(cookie) }),
  'nothing else': (): Sent => ({}),
};
export type Companion = keyof typeof COMPANIONS;

export const kindOf = (companion: Companion): Kind => {
  if (companion === 'the session cookie') return 'session cookie';
  return companion === 'the refresh cookie' ? 'refresh cookie' : 'refresh token';
};

/** `Authorization` headers, of a live session and of one that has ended. */
const authorizations = (foreignToken: () => string) => ({
  'no header': (): Headers => ({}),
  'a good token': ({ token }: Held): Headers => bearer(token),
  'an expired token': ({ expired }: Held): Headers => bearer(expired),
  'an expired token of a session that has ended': (_: Held, ended?: Held): Headers =>
    bearer(ended!.expired),
  "a foreign issuer's token": (): Headers => bearer(foreignToken()),
  'Basic credentials': (): Headers => ({ authorization: 'Basic YTpi' }),
  garbage: (): Headers => ({ authorization: 'Bearer x.y.z' }),
  'half a scheme': (): Headers => ({ authorization: 'Bearer' }),
  'a duplicate header': ({ token }: Held): Headers => ({
    authorization: [`Bearer ${token}`, `Bearer ${token}`],
  }),
});
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });
export type Authorization = keyof ReturnType<typeof authorizations>;

/** Runs auth for requests with several credentials, in the surrounding `describe` block. */
export function useCredentials() {
  const { auth } = useAuthWithRedis();
  let foreignToken: string;
  beforeAll(async () => {
    const issuer = await makeIssuer({ issuer: LOCAL_ISSUER });
    foreignToken = await issuer.makeToken({ audience: LOCAL_ISSUER });
  });

  /** Signs a token of the same session as if it had been issued in the past. */
  const issuedAgo = async (token: string, milliseconds: number) => {
    const { sub, sid, client_id: clientId } = claimsOf(token);
    const request = { subject: sub, clientId, sessionId: sid, scopes: ['orders:read'] };
    const issuer = auth.service.app.get(AccessTokenIssuer, { strict: false });
    return (await issuer.issue(request, Date.now() - milliseconds)).token;
  };
  const withExpired = async (held: Omit<Held, 'sid' | 'expired'>): Promise<Held> => ({
    ...held,
    sid: claimsOf(held.token).sid,
    expired: await issuedAgo(held.token, 3_600_000),
  });

  const logIn = async (kind: Kind, of?: string): Promise<Held> => {
    const username = of ?? (await auth.register());
    if (kind === 'session cookie') {
      const cookie = sessionCookieOf(await logInWithCookie(auth, username));
      const { body } = await auth.post('/session/token', withSessionCookie(cookie));
      return withExpired({ username, cookie, token: body.access_token });
    }
    const refreshTokenDelivery = kind === 'refresh cookie' ? 'cookie' : 'body';
    const answer = await auth.login(username, { refreshTokenDelivery });
    const refreshToken = answer.body.refresh_token ?? refreshCookieOf(answer);
    return withExpired({ username, refreshToken, token: answer.body.access_token });
  };

  return {
    auth,
    logIn,
    issuedAgo,
    AUTHORIZATIONS: authorizations(() => foreignToken),

    endedSession: async (): Promise<Held> => {
      const held = await logIn('refresh token');
      expect((await auth.post('/logout', { token: held.token })).status).toBe(204);
      return held;
    },

    /** Whether the session is live. Its token and its cookie must agree. */
    lives: async ({ token, cookie }: Held): Promise<boolean> => {
      const byToken = await auth.honours(token);
      if (cookie !== undefined) expect(await cookieWorks(auth, cookie)).toBe(byToken);
      return byToken;
    },

    /** Sends with `node:http`, because `fetch` joins headers with the same name. @returns the status */
    send: (method: string, path: string, headers: Headers, body?: object | string) =>
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
      }),
  };
}
