import { CookieSessionReply, TokenReply } from '@latchkey/contracts/auth-api';
import { call, type Answer, type CallOptions } from './call.js';

/** The public client that the built-in log-in issues tokens to. */
const WEB_CLIENT_ID = 'latchkey-web';

export interface Account {
  readonly username: string;
  readonly password: string;
}

/** The tokens of a session, delivered in the body. */
export type SessionTokens = TokenReply & { readonly refresh_token: string };

export interface CookieSession extends CookieSessionReply {
  /** `name=value`, as a browser sends it back. */
  readonly cookie: string;
}

/** The auth service responded with a status that the request does not expect. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
  constructor(
    request: string,
    readonly answer: Answer,
  ) {
    super(`${request} responded with ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
}

/**
 * A client of the auth service's HTTP API, for everything that is not a service: tests,
 * experiments and the demo. Methods that return an {@link Answer} accept any status; the others
 * throw an {@link UnexpectedAnswerError} if the request was not successful.
 */
export class AuthClient {
  /** @param url of any replica of the auth service */
  constructor(
    readonly url: string,
    private readonly options: Pick<CallOptions, 'timeoutMs'> = {},
  ) {}

  send(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    return call(this.url + path, { ...this.options, method, ...options });
  }

  /** Does nothing if the account exists. */
  async register({ username, password }: Account): Promise<void> {
    await this.#expect(202, '/register', { json: { username, password } });
  }

  /** Starts a session. */
  async logIn({ username, password }: Account): Promise<SessionTokens> {
    return sessionTokens(await this.#expect(200, '/login', { json: { username, password } }));
  }

  /** Starts a session that is kept in the session store and identified by a cookie. */
  async logInWithCookie({ username, password }: Account): Promise<CookieSession> {
    const json = { username, password };
    const answer = await this.#expect(200, '/session/login', { json });
    return { cookie: cookiesOf(answer), ...CookieSessionReply.parse(answer.body) };
  }

  /** The parameters of a token request: a grant type and what it needs (RFC 6749 §4). */
  requestToken(form: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('POST', '/oauth/token', { form });
  }

  refresh(refreshToken: string): Promise<Answer> {
    return this.requestToken({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: WEB_CLIENT_ID,
    });
  }

  /**
   * Ends the session of an access token.
   * @param confirmMs how long to wait for receipts of the verifiers
   */
  logOut(token: string, confirmMs?: number): Promise<Answer> {
    const query = confirmMs === undefined ? '' : `?confirm=${confirmMs}`;
    return this.send('POST', `/logout${query}`, { token });
  }

  /** Ends every session of the user. */
  logOutEverywhere(token: string): Promise<Answer> {
    return this.send('POST', '/logout/everywhere', { token });
  }

  /** Revokes an access token or a refresh token of the built-in log-in (RFC 7009). */
  revoke(token: string): Promise<Answer> {
    return this.send('POST', '/oauth/revoke', { form: { token, client_id: WEB_CLIENT_ID } });
  }

  async #expect(status: number, path: string, options: CallOptions): Promise<Answer> {
    const answer = await this.send('POST', path, options);
    if (answer.status !== status) throw new UnexpectedAnswerError(`POST ${path}`, answer);
    return answer;
  }
}

/** The tokens in the answer to a log-in or refresh. @throws if one is missing */
export const sessionTokens = ({ body }: Answer): SessionTokens => TokenReply.required().parse(body);

/** The `Cookie` header with which a browser sends back the cookies that an answer sets. */
export const cookiesOf = ({ headers }: Answer): string =>
  headers
    .getSetCookie()
    .map((line) => line.split(';')[0] ?? '')
    .join('; ');
