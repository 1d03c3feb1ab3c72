/**
 * What a tab knows of the session. `starting`: the auth service has not said yet whether the session of
 * its cookie is alive.
 */
export type SessionState =
  | { readonly status: 'starting' }
  | {
      readonly status: 'logged-in';
      /** The user's id, which is the `sub` of the access token. */
      readonly userId: string;
    }
  | { readonly status: 'logged-out' };

/** Called after each change of the state. New tokens of the same user are not changes. */
export type SessionListener = (state: SessionState) => void;

/** Whether services know of a log-out yet. */
export type Publication =
  | { readonly published: true }
  /** The log-out is recorded, and takes effect when auth can publish it: its broker is down (202). */
  | {
      readonly published: false;
      /** How long services may accept access tokens of the session until then, in seconds. */
      readonly accessTokensMayLiveSeconds: number;
    };

/** The options of `createSession`. */
export interface SessionOptions {
  /** Where the auth service is: `https://auth.example.com`, or a path such as `/` behind a one-origin proxy. */
  readonly authUrl: string | URL;
  /** Origins that may get the token, besides the page's own and that of `authUrl`. */
  readonly origins?: readonly (string | URL)[];
  /** The first listener; see {@link Session.subscribe}. */
  readonly onChange?: SessionListener;
}

/** The session of a tab. All tabs of an origin share it. */
export interface Session {
  readonly state: SessionState;

  /**
   * Logs in, in every tab. The refresh token stays in an HttpOnly cookie.
   *
   * @throws `SessionError` `invalid-credentials`, `too-many-attempts`, `closed`, or `unavailable`, after
   *   20 s at the latest. Without an answer, auth may have logged the user in, which shows at the next start
   */
  logIn(username: string, password: string): Promise<void>;

  /**
   * Ends the session, in every tab and at every service; with `everywhere`, all sessions of the user.
   *
   * @returns whether services know of it. A session that was over already needs no publication
   * @throws `SessionError` `unavailable`, after 20 s at the latest: the session is still alive, here too,
   *   because its cookie would bring it back at the next start; if only the answer was lost, the next
   *   refresh ends it here. `logged-out`: the session was over already, so that `everywhere` could not
   *   end the others. `closed`
   */
  logOut(options?: { readonly everywhere?: boolean }): Promise<Publication>;

  /**
   * Sends a request with the access token (RFC 6750 §2.1), as the global `fetch` does otherwise. If the
   * token is rejected, refreshes it and sends the request once more. Can be passed on without its object.
   *
   * @throws `SessionError` `logged-out`, `user-changed`, `unavailable`, `origin-not-allowed` or `closed`
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;

  /**
   * Returns an access token that has not expired, for what `fetch` cannot send, such as a WebSocket's
   * first message. Do not store it.
   *
   * @throws `SessionError` `logged-out`, `unavailable` or `closed`
   */
  token(): Promise<string>;

  /** @returns a function that ends the subscription */
  subscribe(listener: SessionListener): () => void;

  /**
   * Forgets the token and stops the timer and all listeners. The session stays alive in other tabs. All
   * later calls fail with `closed`, and so does a log-in that is under way.
   */
  close(): void;
}
