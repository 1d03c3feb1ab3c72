import { readBounded } from '../bounded-body.js';
import type { JsonWebKeySet, KeySetSource } from '../verifier-options.js';

/** Far more than a key set needs. */
const MAX_BYTES = 256 * 1024;
const MAX_CONTENT_TYPE_LENGTH = 60;

/** Fetches a key set. Rejects redirects, because only this URL is trusted. */
export function remoteKeySet(uri: string | URL): KeySetSource {
  return async (signal) => {
    const response = await fetch(uri, {
      signal,
      redirect: 'error',
      headers: { accept: 'application/jwk-set+json, application/json' },
    });
    if (response.status !== 200 || !response.body) {
      await response.body?.cancel();
      throw new Error(`the JWKS endpoint responded with ${response.status}`);
    }
    const text = await readBounded(response.body, MAX_BYTES);
    return asKeySet(parse(text, response.headers.get('content-type')));
  };
}

/** Hides the error of `JSON.parse`, which quotes the response: it may be anyone's page. */
function parse(text: string, contentType: string | null): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const type = JSON.stringify((contentType ?? 'none').slice(0, MAX_CONTENT_TYPE_LENGTH));
    throw new Error(`the response is not JSON (content-type ${type})`);
  }
}

function asKeySet(value: unknown): JsonWebKeySet {
  const keys: unknown =
    typeof value === 'object' && value !== null && 'keys' in value && value.keys;
  if (!Array.isArray(keys)) throw new Error('the response is not a key set');
  return { keys };
}
