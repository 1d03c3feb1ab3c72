import { AccessToken } from './access-token.js';
import { AuthService } from './auth-service.js';
import { sendAuthorized } from './authorized-fetch.js';
import { onPageEvents } from './page-events.js';
import { RefreshTimer } from './refresh-timer.js';
import type {
  Publication,
  Session,
  SessionListener,
  SessionOptions,
  SessionState,
} from './session.js';
import { SessionError } from './session-error.js';
import { Tabs, type TabMessage } from './tabs.js';

const LOGGED_OUT: SessionState = { status: 'logged-out' };

/** The state machine. Only {@link TabSession.#adopt} and {@link TabSession.#end} change who is logged in. */
export class TabSession implements Session {
  #state: SessionState = { status: 'starting' };
  #token: AccessToken | undefined;
  /** The session that ended last. Responses and messages that were on their way must not revive it. */
  #endedId: string | undefined;
  /** A refresh, a log-in, or a log-out without a token. Each sets the cookie, so they must not overlap. */
  #running: Promise<unknown> | undefined;
  #failure: SessionError | undefined;
  #refreshes = new AbortController();
  readonly #closing = new AbortController();
  readonly #listeners = new Set<SessionListener>();
  readonly #origins: ReadonlySet<string>;
  readonly #auth: AuthService;
  readonly #tabs: Tabs;
  readonly #timer = new RefreshTimer(() => this.#onTimer());

  constructor({ authUrl, origins = [], onChange }: SessionOptions) {
    const url = new URL(authUrl, location.href);
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    this.#origins = new Set([location.href, url, ...origins].map((each) => new URL(each).origin));
    this.#auth = new AuthService(url);
    this.#tabs = new Tabs(url.href, (message) => this.#hear(message));
    if (onChange) this.subscribe(onChange);
    this.#wake();
    const events = {
      woken: () => this.#wake(),
      seen: () => this.#isDue() && void this.#refresh(),
      left: () => this.#tabs.close(),
    };
    onPageEvents(events, this.#closing.signal);
  }

  get state(): SessionState {
    return this.#state;
  }

  subscribe(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#closing.abort();
    this.#refreshes.abort();
    this.#listeners.clear();
    this.#timer.stop();
    this.#tabs.close();
    this.#token = undefined;
  }

  async logIn(username: string, password: string): Promise<void> {
    await this.#alone(async () => this.#adopt(await this.#auth.logIn(username, password), true));
  }

  async logOut({
    everywhere = false,
  }: { readonly everywhere?: boolean } = {}): Promise<Publication> {
    if (this.#token) return this.#logOut(everywhere);
    // A refresh must not bring a token of the session that ends.
    const publication = await this.#alone(() => this.#logOut(everywhere));
    // Another tab brought one: of that session, or of a log-in since.
    if (this.#token) await this.#refresh();
    return publication;
  }

  async #logOut(everywhere: boolean): Promise<Publication> {
    const token = this.#token;
    const publication = await this.#auth.logOut(everywhere, token);
    // Another user may have logged in while the request was under way.
    if (this.#token?.sessionId === token?.sessionId) this.#end(token?.sessionId, true);
    if (everywhere && !publication) throw new SessionError('logged-out');
    return publication ?? { published: true };
  }

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> =>
    sendAuthorized(new Request(input, init), {
      origins: this.#origins,
      userId: this.#token?.userId,
      repeatable: !(init?.body instanceof ReadableStream),
      usableToken: (rejected) => this.#usableToken(rejected),
    });

  async token(): Promise<string> {
    return (await this.#usableToken()).value;
  }

  async #usableToken(rejected?: AccessToken): Promise<AccessToken> {
    if (!this.#isUsable(rejected) && this.#state !== LOGGED_OUT && !this.#mustWait())
      await this.#refresh();
    this.#assertOpen();
    if (this.#state === LOGGED_OUT) throw new SessionError('logged-out');
    if (this.#token && this.#isUsable(rejected)) return this.#token;
    throw this.#failure ?? new SessionError('unavailable');
  }

  #isUsable(rejected?: AccessToken): boolean {
    return !!this.#token && this.#token.remaining > 0 && this.#token.value !== rejected?.value;
  }

  /** A token is refreshed before it expires, if somebody looks at the page. */
  #isDue(): boolean {
    return this.#token ? this.#timer.isDue(this.#token) : this.#state !== LOGGED_OUT;
  }

  /** The auth service asked for a pause, which the timer keeps. */
  #mustWait(): boolean {
    return this.#failure?.retryAfterSeconds !== undefined;
  }

  #onTimer(): void {
    this.#failure = undefined;
    // A hidden page refreshes when it sends a request or is seen again; so an unused session can end.
    if (!document.hidden || !this.#token) void this.#refresh();
  }

  #wake(): void {
    this.#tabs.open();
    void this.#refresh();
  }

  /** Single flight. Never rejects; `#failure` says what went wrong. */
  #refresh(): Promise<unknown> {
    return this.#running ?? this.#run(this.#exchange());
  }

  /** Waits for what is running, and then runs too. Rejects as the work does, or with `closed`. */
  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.#running) await this.#running;
    this.#assertOpen();
    const result = work();
    void this.#run(result.catch(() => undefined)); // The caller gets the error.
    return result;
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new SessionError('closed');
  }

  #run(work: Promise<unknown>): Promise<unknown> {
    const running = work.finally(() => {
      this.#running = undefined;
      if (this.#state !== LOGGED_OUT && !this.#closing.signal.aborted)
        this.#timer.start(this.#token, this.#failure);
    });
    return (this.#running = running);
  }

  async #exchange(): Promise<void> {
    const before = this.#token;
    const { signal } = this.#refreshes;
    try {
      const outcome = await this.#auth.refresh(signal);
      if (outcome !== 'ended') this.#adopt(outcome, true);
      // Otherwise another tab has logged in since, and this answer is about the session before.
      else if (this.#token === before) this.#end(before?.sessionId, true);
    } catch (error) {
      // A refresh that was given up says nothing about auth.
      if (!signal.aborted) this.#failure = error as SessionError;
    }
  }

  #hear(message: TabMessage): void {
    if ('ended' in message) this.#hearEnd(message.ended);
    else this.#hearToken(AccessToken.fromOtherTab(message.token));
  }

  #hearEnd(sessionId: string): void {
    if (!this.#token) this.#endedId = sessionId;
    else if (this.#token.sessionId === sessionId) this.#end(sessionId);
    else void this.#refresh();
  }

  #hearToken(token: AccessToken | undefined): void {
    const mine = this.#token;
    // The cookie decides between two sessions, not the order of messages.
    if (mine && mine.sessionId !== token?.sessionId) void this.#refresh();
    else if (token && token.remaining > (mine?.remaining ?? 0)) this.#adopt(token);
  }

  #adopt(token: AccessToken, tell = false): void {
    this.#assertOpen();
    if (token.sessionId === this.#endedId) return this.#end(this.#endedId);
    this.#token = token;
    this.#failure = undefined;
    if (tell) this.#tabs.tell({ token: token.shared });
    this.#timer.start(token);
    const { userId } = token;
    if (this.#state.status !== 'logged-in' || this.#state.userId !== userId)
      this.#change({ status: 'logged-in', userId });
  }

  #end(sessionId: string | undefined, tell = false): void {
    this.#endedId = sessionId ?? this.#endedId;
    this.#token = this.#failure = undefined;
    this.#timer.stop();
    this.#refreshes.abort();
    this.#refreshes = new AbortController();
    if (tell && sessionId !== undefined) this.#tabs.tell({ ended: sessionId });
    if (this.#state !== LOGGED_OUT) this.#change(LOGGED_OUT);
  }

  #change(state: SessionState): void {
    this.#state = state;
    // A listener that throws must not stop the others; the browser reports its error.
    for (const listener of this.#listeners) queueMicrotask(() => listener(state));
  }
}
