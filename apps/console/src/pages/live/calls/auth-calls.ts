import { call, type Answer } from './call.js';

/** Auth serves the console one level below its own address. */
const BASE = new URL('../', document.baseURI);
const at = (path: string) => new URL(path, BASE);

/** Auth's address, without a slash at the end. */
export const AUTH_URL = BASE.href.replace(/\/$/, '');

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
    call(at('session/login'), { json: { username, password }, cookie: true }),

  /** Returns an access token of the cookie's session. */
  tokenOfCookie: (): Promise<Answer> => call(at('session/token'), { method: 'POST', cookie: true }),

  /** Starts a session of tokens only. */
  logIn: ({ username, password }: Account): Promise<Answer> =>
    call(at('login'), { json: { username, password } }),

  refresh: (refreshToken: string): Promise<Answer> =>
    call(at('oauth/token'), {
      form: {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: WEB_CLIENT_ID,
      },
    }),

  /** The cookie goes along, so that auth can delete it. */
  logOut: (token: string, everywhere: boolean): Promise<Answer> =>
    call(at(everywhere ? 'logout/everywhere' : 'logout'), { method: 'POST', token, cookie: true }),

  rotateKey: (token: string): Promise<Answer> =>
    call(at('admin/signing-keys/rotate'), { method: 'POST', token }),

  disable: (username: string, token: string): Promise<Answer> =>
    call(at(`admin/users/${encodeURIComponent(username)}/disable`), { method: 'POST', token }),

  enable: (username: string, token: string): Promise<Answer> =>
    call(at(`admin/users/${encodeURIComponent(username)}/enable`), { method: 'POST', token }),
};
