import { atAuth } from '../../../system/auth-address.js';
import { call, type Answer } from './call.js';

/** A user's name and password. */
export interface Account {
  readonly username: string;
  readonly password: string;
}

/** The public client that the built-in log-in issues refresh tokens to. */
const WEB_CLIENT_ID = 'latchkey-web';

/** Requests to auth. Each resolves with any answer. */
export const auth = {
  /** Starts a session whose cookie the browser keeps. 404 without session cookies. */
  logInWithCookie: ({ username, password }: Account): Promise<Answer> =>
    call(atAuth('session/login'), { json: { username, password }, cookie: true }),

  /** Returns an access token of the cookie's session. */
  tokenOfCookie: (): Promise<Answer> =>
    call(atAuth('session/token'), { method: 'POST', cookie: true }),

  /** Starts a session of tokens only. */
  logIn: ({ username, password }: Account): Promise<Answer> =>
    call(atAuth('login'), { json: { username, password } }),

  refresh: (refreshToken: string): Promise<Answer> =>
    call(atAuth('oauth/token'), {
      form: {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: WEB_CLIENT_ID,
      },
    }),

  /** The cookie goes along, so that auth can delete it. */
  logOut: (token: string, everywhere: boolean): Promise<Answer> =>
    call(atAuth(everywhere ? 'logout/everywhere' : 'logout'), {
      method: 'POST',
      token,
      cookie: true,
    }),

  rotateKey: (token: string): Promise<Answer> =>
    call(atAuth('admin/signing-keys/rotate'), { method: 'POST', token }),

  disable: (username: string, token: string): Promise<Answer> =>
    call(atAuth(`admin/users/${encodeURIComponent(username)}/disable`), { method: 'POST', token }),

  enable: (username: string, token: string): Promise<Answer> =>
    call(atAuth(`admin/users/${encodeURIComponent(username)}/enable`), { method: 'POST', token }),
};
