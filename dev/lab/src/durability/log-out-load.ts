import { TokenReply } from '@latchkey/contracts/auth-api';
import { setTimeout as delay } from 'node:timers/promises';

const PASSWORD = 'a long enough passphrase';
const TIMEOUT_MILLISECONDS = 10_000;
/** While the auth service is away. */
const RETRY_MILLISECONDS = 50;

/** What became of one log-out. */
export interface LoggedOut {
  readonly token: string;
  readonly sessionId: string;
  /** Undefined where no answer came: then it may have happened or not. */
  readonly answer: 204 | 202 | undefined;
}

/** Users that log in and out, each by a real password, whatever happens to the servers. */
export class LogOutLoad {
  readonly loggedOut: LoggedOut[] = [];
  readonly #stopped = new AbortController();
  #users: Promise<void>[] = [];

  constructor(private readonly issuer: string) {}

  /** How many have been answered. */
  get answered(): number {
    return this.loggedOut.filter(({ answer }) => answer !== undefined).length;
  }

  /** So many users, each busy until {@link stop}. */
  start(users: number): void {
    this.#users = Array.from({ length: users }, (_, index) => this.#beUser(`user-${index}`));
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#users);
  }

  /** A session of its own. */
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
      () => undefined, // it died, or the network did: nobody was told anything
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

  async #beUser(username: string): Promise<void> {
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
      const result = await attempt().catch(() => undefined); // it is down: that is the experiment
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

/** Anything else than these two promises nothing. */
function answerOf(status: number | undefined): LoggedOut['answer'] {
  return status === 204 || status === 202 ? status : undefined;
}

/** Its `sid`; nothing is verified here. */
function sessionIdOf(token: string): string {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(claims) as { sid: string }).sid;
}
