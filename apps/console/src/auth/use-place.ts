import { useEffect, useState } from 'react';
import { loadIssuer } from '../system/system.js';

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
  const issuer = await loadIssuer();
  if (issuer === undefined || !isLinkable(issuer)) return { at: 'nowhere' };
  const isHere = new URL(issuer).origin === location.origin;
  return isHere ? { at: 'auth' } : { at: 'elsewhere', issuer };
}

/** A link to any other address could run a script. */
const isLinkable = (issuer: string) => /^https?:\/\//.test(issuer) && URL.canParse(issuer);

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
