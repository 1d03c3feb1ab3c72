import {
  readKeys,
  type InspectorKey,
  type RevocationAnswer,
  type RevocationIds,
} from '@latchkey/inspector';
import { atAuth } from './auth-address.js';
import { fetchJson, isObject } from './fetch-json.js';

const TIMEOUT_MILLISECONDS = 5_000;

/** The system that serves this page. */
export interface System {
  readonly issuer: string;
  readonly keys: readonly InspectorKey[];
}

/**
 * Asks auth's own address.
 *
 * @returns undefined if the page is served by something else
 * @throws if there is no answer, or one that says to try again (5xx, 429)
 */
export async function loadSystem(): Promise<System | undefined> {
  const issuer = await loadIssuer();
  return issuer === undefined ? undefined : { issuer, keys: await loadSystemKeys() };
}

/** Reads the issuer in auth's metadata (RFC 8414). @throws as {@link loadSystem} */
export async function loadIssuer(): Promise<string | undefined> {
  const metadata = await fetchJson(atAuth('.well-known/oauth-authorization-server'));
  return isObject(metadata) && typeof metadata['issuer'] === 'string'
    ? metadata['issuer']
    : undefined;
}

/** @throws as {@link loadSystem} */
export async function loadSystemKeys(): Promise<readonly InspectorKey[]> {
  const keySet = await fetchJson(atAuth('.well-known/jwks.json'));
  return (await readKeys(JSON.stringify(keySet ?? {}))).keys;
}

/** How many verifiers have reported lately, and how many of them know the revocations so far. */
export interface VerifierCounts {
  readonly known: number;
  readonly applied: number;
}

/** What auth answers about the ids: the inspector's answer, and with each how many verifiers know of it. */
export type StatusAnswer = RevocationAnswer & {
  /** When it arrived, by the clock of this device, in ISO 8601. */
  readonly asOf: string;
  readonly verifiers?: VerifierCounts;
};

/** @throws {Error} with a sentence */
export async function askStatus(ids: RevocationIds, signal: AbortSignal): Promise<StatusAnswer> {
  const response = await fetch(atAuth('revocations/status'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ids),
    credentials: 'omit',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]),
  });
  const answer: unknown = await response.json();
  if (!response.ok || !isObject(answer) || !('revoked' in answer)) throw new Error(titleOf(answer));
  // Its age is counted from now: the clock of the server may differ from the one that it would be compared with.
  return { ...(answer as unknown as StatusAnswer), asOf: new Date().toISOString() };
}

/** Problem documents (RFC 9457) say what went wrong. */
const titleOf = (answer: unknown) =>
  isObject(answer) && typeof answer['title'] === 'string' ? answer['title'] : 'no answer';
