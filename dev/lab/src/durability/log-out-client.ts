import { TokenReply } from '@latchkey/contracts/auth-api';
import { setTimeout as delay } from 'node:timers/promises';

const PASSWORD = 'a long enough passphrase';
const TIMEOUT_MILLISECONDS = 10_000;
/** While the auth service is down. */
const RETRY_MILLISECONDS = 50;

/** A log-out and its answer. */
export interface LoggedOut {
  readonly token: string;
  readonly sessionId: string;
  /** Undefined without an answer: the log-out may have happened or not. */
  readonly answer: 204 | 202 | undefined;
}

/** Simulates users who keep logging in and out, whatever happens to the servers. */
export class LogOutClient {
  readonly loggedOut: LoggedOut[] = [];
  readonly #stopped = new AbortController();
  #users: Promise<void>[] = [];

  constructor(private readonly issuer: string) {}

  /** The number of answered log-outs. */
  get answered(): number {
    return this.loggedOut.filter(({ answer }) => answer !== undefined).length;
  }

  /** Starts users that are busy until {@link stop}. */
  start(users: number): void {
    this.#users = Array.from({ length: users }, (_, index) => this.#simulateUser(`user-${index}`));
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#users);
  }

  /** Logs in, with retries. */
  async logIn(username: string): Promise<{ token: string; sessionId: string }> {
    const json = { username, password: PASSWORD };
    const body = await this.#untilDone(async () => {
      const answer = await this.#post('/login', json);
      return answer.status === 200 ? answer.json() : undefined;
    });
    const token = TokenReply.parse(body).access_token;
    return { token, sessionId: sessionIdOf(token) };
  }

  async logOut(session: { token: string; sessionId: string }): Promise<LoggedOut> {
    const status = await this.#post('/logout', undefined, session.token).then(
      (answer) => answer.status,
      () => undefined, // The server or the connection failed, so the user got no answer.
    );
    const loggedOut = { ...session, answer: answerOf(status) };
    this.loggedOut.push(loggedOut);
    return loggedOut;
  }

  async register(username: string): Promise<void> {
    await this.#untilDone(async () => {
      const { status } = await this.#post('/register', { username, password: PASSWORD });
      return status === 202;
    });
  }

  async #simulateUser(username: string): Promise<void> {
    const { signal } = this.#stopped;
    try {
      await this.register(username);
      while (!signal.aborted) await this.logOut(await this.logIn(username));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #untilDone<Result>(attempt: () => Promise<Result | undefined | false>): Promise<Result> {
    for (;;) {
      this.#stopped.signal.throwIfAborted();
      const result = await attempt().catch(() => undefined); // The server is down, as intended.
      if (result !== undefined && result !== false) return result;
      await delay(RETRY_MILLISECONDS);
    }
  }

  #post(path: string, json?: object, token?: string): Promise<Response> {
    return fetch(this.issuer + path, {
      method: 'POST',
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      headers: {
        ...(json && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(json && { body: JSON.stringify(json) }),
    });
  }
}

/** Only 204 and 202 promise anything. */
function answerOf(status: number | undefined): LoggedOut['answer'] {
  return status === 204 || status === 202 ? status : undefined;
}

/** The `sid` of a token, without verification. */
function sessionIdOf(token: string): string {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(claims) as { sid: string }).sid;
}
