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

/** Asks auth's own address. @returns undefined if the page is served by something else */
export async function loadSystem(): Promise<System | undefined> {
  const metadata = await getJson(at('.well-known/oauth-authorization-server'));
  if (!isObject(metadata) || typeof metadata['issuer'] !== 'string') return undefined;
  return { issuer: metadata['issuer'], keys: await loadSystemKeys() };
}

/** @throws if the key set cannot be read */
export async function loadSystemKeys(): Promise<readonly InspectorKey[]> {
  const keySet = await getJson(at('.well-known/jwks.json'));
  return (await readKeys(JSON.stringify(keySet ?? {}))).keys;
}

/** The ids of a token by which its revocation is looked up. They are not secret, and the token is not among them. */
export type TokenIds = Readonly<
  { iat: number } & Partial<Record<'jti' | 'sid' | 'sub' | 'client_id' | 'kid', string>>
>;

/** What auth answers about the ids: the inspector's answer, or why it cannot know. */
export type StatusAnswer =
  RevocationAnswer | { readonly revoked: null; readonly reason: string; readonly asOf: string };

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
  return answer as unknown as StatusAnswer;
}

/** Problem documents (RFC 9457) say what went wrong. */
const titleOf = (answer: unknown) =>
  isObject(answer) && typeof answer['title'] === 'string' ? answer['title'] : 'no answer';

async function getJson(url: URL): Promise<unknown> {
  const response = await fetch(url, {
    credentials: 'omit',
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return response.ok && isJson ? response.json() : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
