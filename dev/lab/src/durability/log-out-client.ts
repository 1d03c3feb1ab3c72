import { AuthClient, decodeUnverified } from '@latchkey/local-stack';
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
  readonly #auth: AuthClient;
  #users: Promise<void>[] = [];

  constructor(issuer: string) {
    this.#auth = new AuthClient(issuer, { timeoutMs: TIMEOUT_MILLISECONDS });
  }

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
    const account = { username, password: PASSWORD };
    const { access_token: token } = await this.#untilDone(() => this.#auth.logIn(account));
    return { token, sessionId: decodeUnverified(token).claims.sid };
  }

  async logOut(session: { token: string; sessionId: string }): Promise<LoggedOut> {
    const status = await this.#auth.logOut(session.token).then(
      (answer) => answer.status,
      () => undefined, // The server or the connection failed, so the user got no answer.
    );
    const loggedOut = { ...session, answer: answerOf(status) };
    this.loggedOut.push(loggedOut);
    return loggedOut;
  }

  async register(username: string): Promise<void> {
    await this.#untilDone(async () => {
      await this.#auth.register({ username, password: PASSWORD });
      return true;
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

  /** Retries until it succeeds: servers are down on purpose. */
  async #untilDone<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (;;) {
      this.#stopped.signal.throwIfAborted();
      const result = await attempt().catch(() => undefined);
      if (result !== undefined) return result;
      await delay(RETRY_MILLISECONDS);
    }
  }
}

/** Only 204 and 202 promise anything. */
function answerOf(status: number | undefined): LoggedOut['answer'] {
  return status === 204 || status === 202 ? status : undefined;
}
