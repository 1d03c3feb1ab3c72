const TIMEOUT_MILLISECONDS = 5_000;

/**
 * Fetches a JSON document without cookies.
 *
 * @returns undefined if the answer is not one
 * @throws if there is no answer within 5 s, or one that says to try again (5xx, 429)
 */
export async function fetchJson(url: URL): Promise<unknown> {
  const response = await fetch(url, {
    credentials: 'omit',
    // The browser's copy of a key set may lack the newest key. The server answers 304 if it does not.
    cache: 'no-cache',
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

/** Whether a JSON value is an object with members. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
