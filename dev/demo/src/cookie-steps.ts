import { CookieSessionReply, TokenReply } from '@latchkey/contracts/auth-api';
import type { LatchkeyStack } from '@latchkey/local-stack';
import { decodeUnverifiedSessionId, type DemoUser } from './demo-users.js';
import { acceptedEverywhere, protectedRoutes } from './protected-routes.js';
import { watchUntilRefused } from './refusal-watch.js';
import { sessionEndFinding } from './session-end-finding.js';
import { send, timed } from './timed-request.js';
import type { Finding } from './tour-report.js';

/** The same services with the other architecture: a session that has a cookie and a token. */
export class CookieSteps {
  #cookie = '';
  #accessToken = '';

  constructor(
    private readonly stack: LatchkeyStack,
    private readonly user: DemoUser,
  ) {}

  async logIn(): Promise<Finding> {
    const { username, password } = this.user;
    const body = { username, password };
    const answer = await send(`${this.stack.issuer}/session/login`, { method: 'POST', body });
    if (answer.status !== 200) throw new Error(`log-in was answered with ${answer.status}`);
    this.#cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const { sid } = CookieSessionReply.parse(answer.body);
    const traded = await this.#send('POST', '/session/token');
    this.#accessToken = TokenReply.parse(traded.body).access_token;
    const endpoints = protectedRoutes(this.stack);
    const store = this.stack.sessionStore?.kind === 'redis' ? 'Redis' : 'Postgres';
    const what = `every service takes it, after asking ${store}`;
    const byCookie = await acceptedEverywhere(endpoints, this.#withCookie, what);
    const byToken = await acceptedEverywhere(endpoints, { accessToken: this.#accessToken }, '');
    const isSameSession = decodeUnverifiedSessionId(this.#accessToken) === sid;
    return {
      held: byCookie.held && byToken.held && isSameSession,
      status: byCookie.status,
      what: byCookie.what,
      expected: '200 from every service for the cookie, and for a token of the same session',
      lines: [
        `traded for an access token of the same session (POST /session/token): ${byToken.status} at every service`,
      ],
      figures: { store, isSameSession, byCookie: byCookie.status, byToken: byToken.status },
    };
  }

  /** Every service is being asked with both already when the log-out is sent. */
  async logOut(): Promise<Finding> {
    const endpoints = protectedRoutes(this.stack);
    const cookies = watchUntilRefused(endpoints, this.#withCookie);
    const tokens = watchUntilRefused(endpoints, { accessToken: this.#accessToken });
    await Promise.all([cookies.started, tokens.started]);
    const [logOut, cookieRefusals, tokenRefusals] = await Promise.all([
      timed(() => this.#send('DELETE', '/session')),
      cookies.refused,
      tokens.refused,
    ]);
    return sessionEndFinding(logOut, cookieRefusals, tokenRefusals);
  }

  get #withCookie() {
    return { headers: { cookie: this.#cookie } };
  }

  /** As a page of auth would: a cookie changes nothing for other pages. */
  #send(method: 'POST' | 'DELETE', path: string) {
    const { issuer } = this.stack;
    const headers = { cookie: this.#cookie, origin: issuer };
    return send(issuer + path, { method, headers });
  }
}
