import { useCallback, useEffect, useState } from 'react';
import { auth, type Account } from '../calls/auth-calls.js';
import { textIn, type Answer } from '../calls/call.js';
import { shownClaims, type ShownClaims } from './claims.js';
import { refreshAfter } from './refresh-after.js';

/** A log-in of this page. Its secrets are only here, in memory; the cookie is the browser's. */
export interface Session {
  readonly username: string;
  readonly token: string;
  readonly claims: ShownClaims;
  /** Whether the same session has a cookie as well. */
  readonly hasCookie: boolean;
  /** Only without a cookie, which gets new tokens otherwise. */
  readonly refreshToken?: string;
  /** How many access tokens it has had. */
  readonly tokens: number;
  /** Whether it was ended by this page. */
  readonly hasEnded: boolean;
}

/** The session of the page, and what starts and continues it. */
export interface SessionControls {
  readonly session: Session | undefined;
  /** @returns the answer that was not successful, or undefined */
  readonly logIn: (account: Account) => Promise<Answer | undefined>;
  /** @returns the answer that was not successful, or undefined */
  readonly refresh: () => Promise<Answer | undefined>;
  readonly end: () => void;
}

/** Before the token expires, in milliseconds. */
const AHEAD_MILLISECONDS = 30_000;

/** Logs in, and keeps the access token fresh while the session lasts. */
export function useSession(): SessionControls {
  const [session, setSession] = useState<Session>();
  const logIn = useCallback(async (account: Account) => {
    const { answer, hasCookie } = await startSession(account);
    if (answer.status !== 200) return answer;
    setSession({
      ...tokensOf(answer),
      username: account.username,
      hasCookie,
      tokens: 1,
      hasEnded: false,
    });
    return undefined;
  }, []);
  const refresh = useCallback(async () => {
    if (!session || session.hasEnded) return undefined;
    const answer = await nextToken(session);
    if (answer.status !== 200) return answer;
    setSession((known) =>
      // Meanwhile somebody else may have logged in.
      known?.token === session.token
        ? { ...known, ...tokensOf(answer), tokens: known.tokens + 1 }
        : known,
    );
    return undefined;
  }, [session]);
  const end = useCallback(() => setSession((known) => known && { ...known, hasEnded: true }), []);
  useRefreshAhead(session, refresh);
  return { session, logIn, refresh, end };
}

/** A new token begins the effect again. */
function useRefreshAhead(session: Session | undefined, refresh: SessionControls['refresh']): void {
  const expiresAt = session?.hasEnded === false ? session.claims.expiresAt : undefined;
  useEffect(() => {
    if (expiresAt === undefined) return;
    const stopping = new AbortController();
    const wait = Math.max(expiresAt - Date.now() - AHEAD_MILLISECONDS, 1_000);
    refreshAfter(wait, refresh, stopping.signal).catch(reportError);
    return () => stopping.abort();
  }, [expiresAt, refresh]);
}

/** A session with a cookie gives tokens as well. Auth without session cookies gives tokens alone. */
async function startSession(account: Account): Promise<{ answer: Answer; hasCookie: boolean }> {
  const started = await auth.logInWithCookie(account);
  if (started.status === 404) return { answer: await auth.logIn(account), hasCookie: false };
  if (started.status !== 200) return { answer: started, hasCookie: false };
  return { answer: await auth.tokenOfCookie(), hasCookie: true };
}

const nextToken = ({ refreshToken }: Session): Promise<Answer> =>
  refreshToken === undefined ? auth.tokenOfCookie() : auth.refresh(refreshToken);

function tokensOf(answer: Answer) {
  const token = textIn(answer, 'access_token') ?? '';
  const refreshToken = textIn(answer, 'refresh_token');
  return { token, claims: shownClaims(token), ...(refreshToken !== undefined && { refreshToken }) };
}
