import {
  revocationIdsOf,
  type DecodedToken,
  type Judgement,
  type RevocationIds,
} from '@latchkey/inspector';
import { useEffect, useState } from 'react';
import { askStatus, type StatusAnswer, type System } from '../../system/system.js';
import type { KnownSystem } from '../../system/use-system.js';
import { pause } from '../../time/pause.js';
import { isFinal, untilNextQuestion } from './polling.js';

/** What is known about the revocation of a token. */
export type Revocation =
  | { readonly state: 'no_token' }
  /** No system serves the page, or the token names another issuer. */
  | { readonly state: 'foreign' }
  /** Its claims are encrypted, or too broken to be read. */
  | { readonly state: 'unreadable' }
  /** The token names no issuer. */
  | { readonly state: 'nameless' }
  /** The token names this issuer, but its signature has not been found to be this system's. */
  | { readonly state: 'unproven' }
  /** It has no id by which it could be looked up. */
  | { readonly state: 'without_ids' }
  /** The system, or first whether there is one. */
  | { readonly state: 'asking' }
  | { readonly state: 'answered'; readonly answer: StatusAnswer }
  | { readonly state: 'failed'; readonly message: string };

/** Asks the system that serves the page about a token of its own. Only ids are sent. */
export function useRevocation(
  token: DecodedToken,
  { system, isLoading }: KnownSystem,
  isProven: boolean,
): Revocation {
  const question = questionAbout(token, system, isProven);
  const [known, setKnown] = useState<{ question: string; revocation: Revocation }>();

  useEffect(() => {
    if (question === undefined) return;
    const stopping = new AbortController();
    const { signal } = stopping;
    void keepAsking(JSON.parse(question) as RevocationIds, signal, (revocation) =>
      setKnown({ question, revocation }),
    );
    return () => stopping.abort();
  }, [question]);

  if (question === undefined) return { state: whyNotAsked(token, system, isLoading, isProven) };
  return known?.question === question ? known.revocation : ASKING;
}

const ASKING: Revocation = { state: 'asking' };

async function keepAsking(
  ids: RevocationIds,
  signal: AbortSignal,
  tell: (revocation: Revocation) => void,
): Promise<void> {
  for (let times = 0; !signal.aborted; times++) {
    if (!document.hidden) {
      const revocation = await ask(ids, signal);
      if (signal.aborted) return;
      tell(revocation);
      if (revocation.state === 'answered' && isFinal(revocation.answer)) return;
    }
    await pause(untilNextQuestion(times), signal);
  }
}

async function ask(ids: RevocationIds, signal: AbortSignal): Promise<Revocation> {
  try {
    return { state: 'answered', answer: await askStatus(ids, signal) };
  } catch (error) {
    return { state: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

function whyNotAsked(
  token: DecodedToken,
  system: System | undefined,
  isLoading: boolean,
  isProven: boolean,
) {
  if (token.kind === 'empty' || token.kind === 'opaque') return 'no_token';
  if (token.claims === undefined) return 'unreadable';
  if (token.claims['iss'] === undefined) return 'nameless';
  if (isLoading) return 'asking';
  if (!isOf(token, system)) return 'foreign';
  return isProven ? 'without_ids' : 'unproven';
}

/** The ids to send as JSON. Undefined unless the signature is known to be the system's. */
function questionAbout(token: DecodedToken, system: System | undefined, isProven: boolean) {
  const ids = isProven && isOf(token, system) ? revocationIdsOf(token) : undefined;
  return ids && JSON.stringify(ids);
}

const isOf = (token: DecodedToken, system: System | undefined) =>
  system !== undefined && token.claims?.['iss'] === system.issuer;

/** Whether the signature was found to be made with a key of the system. */
export const isProvenBy = (judgement: Judgement | undefined, system: System | undefined): boolean =>
  judgement?.key !== undefined &&
  system?.keys.includes(judgement.key) === true &&
  judgement.checks.some(({ rule, state }) => rule === 'signature' && state === 'passed');
