import { TokenReply } from '@latchkey/contracts/auth-api';
import {
  decodeUnverified,
  type Account,
  type AuthClient,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import type { Finding } from './demo-report.js';
import { acceptedEverywhere, protectedRoutes } from './protected-routes.js';
import { watchUntilRefused } from './refusal-watch.js';
import { sessionEndFinding } from './session-end-finding.js';

/** The steps with a session that has both a cookie and an access token. */
export class CookieSteps {
  #cookie = '';
  #accessToken = '';

  constructor(
    private readonly stack: LatchkeyStack,
    private readonly auth: AuthClient,
    private readonly user: Account,
  ) {}

  async logIn(): Promise<Finding> {
    const { cookie, sid } = await this.auth.logInWithCookie(this.user);
    this.#cookie = cookie;
    const exchanged = await this.#send('POST', '/session/token');
    this.#accessToken = TokenReply.parse(exchanged.body).access_token;
    const endpoints = protectedRoutes(this.stack);
    const store = this.stack.sessionStore?.kind === 'redis' ? 'Redis' : 'Postgres';
    const what = `every service accepts it, after a look-up in ${store}`;
    const byCookie = await acceptedEverywhere(endpoints, this.#withCookie, what);
    const byToken = await acceptedEverywhere(endpoints, { token: this.#accessToken }, '');
    const isSameSession = decodeUnverified(this.#accessToken).claims.sid === sid;
    return {
      held: byCookie.held && byToken.held && isSameSession,
      status: byCookie.status,
      what: byCookie.what,
      expected: '200 from every service for the cookie, and for a token of the same session',
      lines: [
        `POST /session/token returns an access token of the same session: ${byToken.status} from every service`,
      ],
      figures: { store, isSameSession, byCookie: byCookie.status, byToken: byToken.status },
    };
  }

  /** Pollers use both credentials before, during and after the log-out. */
  async logOut(): Promise<Finding> {
    const endpoints = protectedRoutes(this.stack);
    const cookies = watchUntilRefused(endpoints, this.#withCookie);
    const tokens = watchUntilRefused(endpoints, { token: this.#accessToken });
    await Promise.all([cookies.started, tokens.started]);
    const [logOut, cookieRefusals, tokenRefusals] = await Promise.all([
      this.#send('DELETE', '/session'),
      cookies.refused,
      tokens.refused,
    ]);
    return sessionEndFinding(logOut, cookieRefusals, tokenRefusals);
  }

  get #withCookie() {
    return { headers: { cookie: this.#cookie } };
  }

  /** Sends the origin of auth's own pages, because auth refuses cross-origin requests (CSRF). */
  #send(method: 'POST' | 'DELETE', path: string) {
    const headers = { cookie: this.#cookie, origin: this.stack.issuer };
    return this.auth.send(method, path, { headers });
  }
}
