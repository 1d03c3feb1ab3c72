import { useEffect, useState } from 'react';
import { AUTH_URL } from './session.js';

const TIMEOUT_MILLISECONDS = 8_000;

/** Where the page is, as seen from auth. */
export type Place =
  | { readonly at: 'unknown' }
  | { readonly at: 'auth' }
  /** Nothing that serves the page is an auth service. */
  | { readonly at: 'nowhere' }
  /** Auth is reached by another name than its own: its cookie is for that one. */
  | { readonly at: 'elsewhere'; readonly issuer: string };

/** Asks the server of the page for auth's metadata (RFC 8414). @throws if there is no answer */
async function findPlace(): Promise<Place> {
  const response = await fetch(new URL('.well-known/oauth-authorization-server', AUTH_URL), {
    credentials: 'omit',
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  if (response.status >= 500) throw new Error('auth cannot answer');
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const issuer = response.ok && isJson ? issuerIn(await response.json()) : undefined;
  if (issuer === undefined) return { at: 'nowhere' };
  const isHere = new URL(issuer).origin === location.origin;
  return isHere ? { at: 'auth' } : { at: 'elsewhere', issuer };
}

/** @returns undefined if a link to it could run a script */
function issuerIn(metadata: unknown): string | undefined {
  const { issuer } = (metadata ?? {}) as { issuer?: unknown };
  return typeof issuer === 'string' && /^https?:\/\//.test(issuer) && URL.canParse(issuer)
    ? issuer
    : undefined;
}

let known: Place = { at: 'unknown' };

/** @param attempt asks again when it changes, until the place is known */
export function usePlace(attempt: unknown): Place {
  const [place, setPlace] = useState(known);
  useEffect(() => {
    if (known.at !== 'unknown') return;
    let isCurrent = true;
    findPlace().then(
      (found) => {
        known = found;
        if (isCurrent) setPlace(found);
      },
      // Auth is down: the session says so, and this is asked again with the next attempt.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [attempt]);
  return place;
}
