import { TokenReply } from '@latchkey/contracts/auth-api';
import {
  call,
  decodeUnverified,
  PROTECTED_ROUTES,
  type CallOptions,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import type {
  Answer,
  IssuedToken,
  LogOutAnswer,
  Operation,
  RouteKind,
  Timed,
} from '../history/history.js';
import type { Random } from '../random.js';
import type { VerifierName } from './fault-kinds.js';

const TIMEOUT_MILLISECONDS = 5_000;
const PASSWORD = 'a long enough passphrase';

/** A request that passes the guard and then fails, without using the database. */
const INVALID_PAGE = '?limit=none';

/** A token with its JWT; the history only has its name. */
export interface HeldToken extends IssuedToken {
  readonly jwt: string;
}

/** A session, as its user knows it. */
export interface HeldSession {
  readonly name: string;
  /** `sid` and `sub` of its tokens. */
  readonly sessionId: string;
  readonly subject: string;
  /** The newest is last. */
  readonly tokens: HeldToken[];
  /** Undefined after an unanswered refresh, because reusing the token may end the session. */
  refreshToken: string | undefined;
}

interface Reply extends Timed {
  /** Undefined without a response. */
  readonly status: number | undefined;
  readonly body: unknown;
}

/** Sends users' requests to the system, and records each one with its answer. */
export class RecordingClient {
  readonly operations: Operation[] = [];
  readonly failures = { 'log-in': 0 };
  #sessions = 0;
  #refreshes = 0;

  constructor(
    private readonly stack: LatchkeyStack,
    private readonly routes: Readonly<Record<VerifierName, RouteKind>>,
    private readonly random: Random,
  ) {}

  async register(username: string): Promise<boolean> {
    const json = { username, password: PASSWORD };
    const { status } = await this.#send(`${this.#anyAuth()}/register`, { json });
    return status === 202;
  }

  /** @returns undefined if it failed; there may be a session then or not */
  async logIn(username: string): Promise<HeldSession | undefined> {
    const json = { username, password: PASSWORD };
    const { status, body, ...time } = await this.#send(`${this.#anyAuth()}/login`, { json });
    if (status !== 200) {
      this.failures['log-in']++;
      return undefined;
    }
    const name = `session ${++this.#sessions}`;
    const { refresh_token: refreshToken, ...reply } = TokenReply.parse(body);
    const token = heldToken(`${name}, token 1`, reply.access_token);
    const { sid, sub } = decodeUnverified(token.jwt).claims;
    this.operations.push({ type: 'log-in', session: name, issued: bare(token), ...time });
    return { name, sessionId: sid, subject: sub, tokens: [token], refreshToken };
  }

  /** Does nothing if the session's refresh token may have been used already. */
  async refresh(session: HeldSession): Promise<void> {
    const { refreshToken, name, tokens } = session;
    if (refreshToken === undefined) return;
    session.refreshToken = undefined;
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const { status, body, ...time } = await this.#send(`${this.#anyAuth()}/oauth/token`, {
      form: { ...form, client_id: 'latchkey-web' },
    });
    const presented = `refresh token ${++this.#refreshes}`;
    const operation = { type: 'refresh' as const, session: name, presented, ...time };
    const answer = status === 400 ? 'refused' : answerOf(status);
    if (answer !== 'accepted') {
      this.operations.push({ ...operation, answer });
      return;
    }
    const reply = TokenReply.parse(body);
    const token = heldToken(`${name}, token ${tokens.length + 1}`, reply.access_token);
    session.refreshToken = reply.refresh_token;
    tokens.push(token);
    this.operations.push({ ...operation, answer, issued: bare(token) });
  }

  async logOut({ name, tokens }: HeldSession): Promise<LogOutAnswer> {
    const token = newest(tokens);
    const url = `${this.#anyAuth()}/logout`;
    const { status, startedAt, endedAt } = await this.#send(url, {
      method: 'POST',
      token: token.jwt,
    });
    const answer = status === undefined ? 'unanswered' : (LOG_OUT_ANSWERS[status] ?? 'unavailable');
    this.operations.push({
      type: 'log-out',
      session: name,
      token: token.token,
      answer,
      startedAt,
      endedAt,
    });
    return answer;
  }

  async call({ name, tokens }: HeldSession, verifier: VerifierName): Promise<Answer> {
    const token = newest(tokens);
    const path = PROTECTED_ROUTES[verifier] + (this.random.chance(0.3) ? '' : INVALID_PAGE);
    const url = this.stack.replicas[verifier].url + path;
    const { status, startedAt, endedAt } = await this.#send(url, { token: token.jwt });
    const answer = answerOf(status);
    this.operations.push({
      type: 'call',
      session: name,
      token: token.token,
      verifier,
      route: this.routes[verifier],
      answer,
      startedAt,
      endedAt,
    });
    return answer;
  }

  #anyAuth(): string {
    return this.random.pick(this.stack.authReplicas).url;
  }

  async #send(url: string, options: CallOptions = {}): Promise<Reply> {
    const startedAt = performance.now();
    try {
      const { status, body } = await call(url, { timeoutMs: TIMEOUT_MILLISECONDS, ...options });
      return { status, body, startedAt, endedAt: performance.now() };
    } catch {
      // Refused, reset or timed out: the request may still have had an effect.
      return { status: undefined, body: undefined, startedAt, endedAt: performance.now() };
    }
  }
}

const LOG_OUT_ANSWERS: Readonly<Record<number, LogOutAnswer>> = {
  204: 'done',
  202: 'recorded',
  401: 'refused',
};

/** The guard has accepted a request that the route then answers with 400 or 404. */
const PASSED = [200, 400, 404];

function answerOf(status: number | undefined): Answer {
  if (status === undefined) return 'unanswered';
  if (status === 401) return 'refused';
  return PASSED.includes(status) ? 'accepted' : 'unavailable';
}

function newest(tokens: readonly HeldToken[]): HeldToken {
  const token = tokens.at(-1);
  if (!token) throw new Error('a session has a token');
  return token;
}

const bare = ({ token, expiresAt }: HeldToken): IssuedToken => ({ token, expiresAt });

/** Converts `exp` to the history's clock, which all parts but the verifiers share. */
function heldToken(token: string, jwt: string): HeldToken {
  return {
    token,
    jwt,
    expiresAt: decodeUnverified(jwt).claims.exp * 1000 - performance.timeOrigin,
  };
}
