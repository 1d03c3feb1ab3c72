import { readBounded } from '../bounded-body.js';
import type { JsonWebKeySet, KeySetSource } from '../verifier-options.js';

/** Far above any honest key set, far below what would hurt. */
const MAX_BYTES = 256 * 1024;
const LONGEST_CONTENT_TYPE = 60;

/** A key set behind a URL. Redirects are refused: the URL is what is trusted. */
export function remoteKeySet(uri: string | URL): KeySetSource {
  return async (signal) => {
    const response = await fetch(uri, {
      signal,
      redirect: 'error',
      headers: { accept: 'application/jwk-set+json, application/json' },
    });
    if (response.status !== 200 || !response.body) {
      await response.body?.cancel();
      throw new Error(`the key set answered ${response.status}`);
    }
    const text = await readBounded(response.body, MAX_BYTES);
    return asKeySet(parse(text, response.headers.get('content-type')));
  };
}

/** The error of `JSON.parse` quotes the answer, which may be a page of anybody. */
function parse(text: string, contentType: string | null): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const type = JSON.stringify((contentType ?? 'none').slice(0, LONGEST_CONTENT_TYPE));
    throw new Error(`the answer is not JSON (content-type ${type})`);
  }
}

function asKeySet(value: unknown): JsonWebKeySet {
  const keys: unknown =
    typeof value === 'object' && value !== null && 'keys' in value && value.keys;
  if (!Array.isArray(keys)) throw new Error('the answer is not a key set');
  return { keys };
}
