import { readKeys, type InspectorKey, type RevocationAnswer } from '@latchkey/inspector';

/** The console is one level below the issuer that serves it. */
const BASE = new URL('../', document.baseURI);
const TIMEOUT_MILLISECONDS = 5_000;

const at = (path: string) => new URL(path, BASE);

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
  const metadata = await getJson(at('.well-known/oauth-authorization-server'));
  if (!isObject(metadata) || typeof metadata['issuer'] !== 'string') return undefined;
  return { issuer: metadata['issuer'], keys: await loadSystemKeys() };
}

/** @throws as {@link loadSystem} */
export async function loadSystemKeys(): Promise<readonly InspectorKey[]> {
  const keySet = await getJson(at('.well-known/jwks.json'));
  return (await readKeys(JSON.stringify(keySet ?? {}))).keys;
}

/** The ids of a token by which its revocation is looked up. They are not secret, and the token is not among them. */
export type TokenIds = Readonly<
  { iat: number } & Partial<Record<'jti' | 'sid' | 'sub' | 'client_id' | 'kid', string>>
>;

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
export async function askStatus(ids: TokenIds, signal: AbortSignal): Promise<StatusAnswer> {
  const response = await fetch(at('revocations/status'), {
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

async function getJson(url: URL): Promise<unknown> {
  const response = await fetch(url, {
    credentials: 'omit',
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  const { status, ok, headers } = response;
  if (status >= 500 || status === 429) throw new Error(`the answer was ${status}`);
  const isJson = headers.get('content-type')?.includes('json') === true;
  return ok && isJson ? jsonIn(await response.text()) : undefined;
}

/** A server that is not ours may answer with anything. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
